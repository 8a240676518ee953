// Reads [{name, url, sdl}] from standard input, and prints the supergraph's schema.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const parts = JSON.parse(readFileSync(0, "utf8"));
const result = composeServices(
  parts.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
);
if (result.errors?.length) {
  for (const error of result.errors) console.error(error.message);
  process.exit(1);
}
process.stdout.write(result.supergraphSdl);

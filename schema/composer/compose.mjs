// Reads [{name, url, sdl}] from standard input, and prints {supergraph, api} as JSON: the supergraph's schema for the
// router, and the schema that clients see.
import { readFileSync } from "node:fs";
import { composeServices } from "@apollo/composition";
import { parse, printSchema } from "graphql";

const parts = JSON.parse(readFileSync(0, "utf8"));
const result = composeServices(
  parts.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })),
);
if (result.errors?.length) {
  for (const error of result.errors) console.error(error.message);
  process.exit(1);
}
const api = printSchema(result.schema.toAPISchema().toGraphQLJSSchema()) + "\n";
process.stdout.write(JSON.stringify({ supergraph: result.supergraphSdl, api }));

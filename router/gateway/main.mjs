// Serves the supergraph with Apollo's Node gateway, where Apollo Router is not available: `node main.mjs SUPERGRAPH`.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer, HeaderMap } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import bodyParser from "body-parser";
import cors from "cors";
import { mapErrors } from "./errors.mjs";
import { BODY_BYTES, knownOperation, limitError } from "./limits.mjs";
import { queryPlans } from "./plans.mjs";
import { readSettings, subgraphUrl } from "./settings.mjs";
import { Subgraph } from "./subgraph.mjs";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KEEP_ALIVE_MS = 75_000;
const SHUTDOWN_MS = 5_000;

const settings = readSettings();
const supergraphSdl = readFileSync(process.argv[2], "utf8");
const apollo = new ApolloServer({
  gateway: new ApolloGateway({
    supergraphSdl,
    buildService: (definition) => new Subgraph(definition.name, subgraphUrl(definition), settings),
  }),
  introspection: settings.introspection,
  includeStacktraceInErrorResponses: false,
  stopOnTerminationSignals: false,
  plugins: [
    ApolloServerPluginLandingPageDisabled(),
    knownOperation,
    ...(settings.queryPlans ? [queryPlans(supergraphSdl)] : []),
  ],
});
await apollo.start();

const readCors = cors({ origin: settings.origins, methods: "GET,POST", exposedHeaders: "x-request-id" });
const readBody = bodyParser.json({ limit: BODY_BYTES });

const graphql = createServer((request, response) => {
  const given = request.headers["x-request-id"];
  const requestId = UUID.test(given) ? given : randomUUID();
  response.setHeader("x-request-id", requestId);
  if (path(request) !== "/graphql") return response.writeHead(404).end();
  readCors(request, response, () => {
    readBody(request, response, async (error) => {
      const { status, headers, body } = error ? bodyError(error) : await execute(request, requestId);
      response.writeHead(status, Object.fromEntries(headers)).end(mapErrors(body, requestId));
    });
  });
});

async function execute(request, requestId) {
  const error = limitError(request.body?.query);
  if (error) return errorResponse(400, error);
  const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: new HeaderMap(Object.entries(request.headersDistinct).map(([name, values]) => [name, values.join()])),
      search: new URL(request.url, "http://gateway").search,
      body: request.body ?? {},
    },
    context: async () => ({ requestId, authorization: request.headers.authorization }),
  });
  return { status: status ?? 200, headers, body: body.string };
}

function bodyError({ status, message }) {
  return errorResponse(status, { message, extensions: { code: "INVALID_GRAPHQL_REQUEST" } });
}

function errorResponse(status, error) {
  const headers = new HeaderMap([["content-type", "application/json"]]);
  return { status, headers, body: JSON.stringify({ errors: [error] }) };
}

const health = createServer((request, response) => {
  if (path(request) !== "/health") return response.writeHead(404).end();
  response.writeHead(200, { "content-type": "application/json" }).end('{"status":"UP"}');
});

function path({ url }) {
  return url.split("?", 1)[0];
}

graphql.keepAliveTimeout = KEEP_ALIVE_MS;
graphql.listen(settings.graphql, () => health.listen(settings.health));
process.once("SIGTERM", () => {
  health.close();
  graphql.close(() => process.exit());
  setTimeout(() => graphql.closeAllConnections(), SHUTDOWN_MS);
});

// Reads the settings of router.yaml from the same environment variables.
const { env } = process;
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 };

export function readSettings() {
  if (env.STEAMPUNK_MODE === "production") stop("The Node gateway is for development. Run Apollo Router in production.");
  return {
    secret: env.STEAMPUNK_ROUTER_SECRET || stop("STEAMPUNK_ROUTER_SECRET is not set."),
    graphql: address(env.ROUTER_LISTEN ?? "127.0.0.1:4000"),
    health: address(env.ROUTER_HEALTH_LISTEN ?? "127.0.0.1:8088"),
    timeout: milliseconds(env.ROUTER_SUBGRAPH_TIMEOUT ?? "45s"),
    origins: env.ROUTER_CORS_ANY_ORIGIN === "true" ? "*" : [env.ROUTER_PLAYGROUND_ORIGIN ?? ""],
    introspection: env.ROUTER_INTROSPECTION === "true",
    queryPlans: env.ROUTER_QUERY_PLANS === "true",
  };
}

/** The URL of a subgraph: the setting's, or else the supergraph's. */
export function subgraphUrl({ name, url }) {
  return env[`STEAMPUNK_${name.toUpperCase()}_URL`] ?? url;
}

function address(text) {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)), backlog: 4096 };
}

function milliseconds(text) {
  const [, number, unit] = text.match(/^(\d+)(ms|s|m)$/) ?? stop(`ROUTER_SUBGRAPH_TIMEOUT is ${text}; write it like 45s.`);
  return number * MILLISECONDS[unit];
}

function stop(reason) {
  console.error(reason);
  process.exit(1);
}

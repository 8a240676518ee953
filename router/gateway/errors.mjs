// The contract's error codes, as main.rhai gives them for the router.
const CONTRACT = new Set([
  "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "INVALID_STATE", "IDEMPOTENCY_CONFLICT",
  "LIMIT_EXCEEDED", "RATE_LIMITED", "QUERY_TOO_COMPLEX", "UNAVAILABLE", "INTERNAL",
  // A step of the persisted-query protocol: clients know it by this code and send the whole query.
  "PERSISTED_QUERY_NOT_FOUND",
]);
const CODES = {
  BAD_REQUEST: "BAD_USER_INPUT",
  GRAPHQL_PARSE_FAILED: "BAD_USER_INPUT",
  GRAPHQL_VALIDATION_FAILED: "BAD_USER_INPUT",
  GRAPHQL_UNKNOWN_OPERATION_NAME: "BAD_USER_INPUT",
  INVALID_GRAPHQL_REQUEST: "BAD_USER_INPUT",
  SUBREQUEST_HTTP_ERROR: "UNAVAILABLE",
  GATEWAY_TIMEOUT: "UNAVAILABLE",
};
const MESSAGES = {
  INTERNAL: "Something went wrong on our side.",
  UNAVAILABLE: "A part of the store did not answer. Please try again.",
};
const SHOWN = ["code", "routerCode", "requestId", "retryAfter", "field"];

/** An answer's JSON, with the contract's errors in the place of Apollo Server's. */
export function contractAnswer(text, requestId) {
  const answer = JSON.parse(text);
  if (!answer.errors) return text;
  // Validation reports rule by rule; clients read from top to bottom.
  if (answer.data === undefined) answer.errors.sort((one, other) => position(one) - position(other));
  return JSON.stringify({ ...answer, errors: answer.errors.map((error) => contractError(error, requestId)) });
}

function contractError({ extensions = {}, ...error }, requestId) {
  const own = extensions.code;
  const code = contractCode(own, error.message);
  if (code === own) return { ...error, extensions: pick(extensions, SHOWN) };
  // DOWNSTREAM_SERVICE_ERROR stands for no code: it is what the gateway gives a subgraph's error without one.
  const routerCode = own === "DOWNSTREAM_SERVICE_ERROR" ? undefined : own;
  if (!(code in MESSAGES)) return { ...error, extensions: { ...pick(extensions, SHOWN), code, routerCode } };
  // What went wrong inside is for the log; the client gets the id to ask about it.
  console.error(`request ${requestId}: ${own} ${error.message}`);
  return { ...error, message: MESSAGES[code], extensions: { code, routerCode, requestId } };
}

function contractCode(own, message) {
  if (CONTRACT.has(own)) return own;
  if (message === "Maximum introspection depth exceeded") return "QUERY_TOO_COMPLEX";
  return CODES[own] ?? "INTERNAL";
}

function position({ locations }) {
  return locations?.length ? locations[0].line * 1_000_000 + locations[0].column : 0;
}

function pick(object, names) {
  return Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));
}

// Maps Apollo Server's errors to the contract's codes, as main.rhai does for the router.
const CONTRACT = new Set([
  "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT", "INVALID_STATE", "IDEMPOTENCY_CONFLICT",
  "LIMIT_EXCEEDED", "RATE_LIMITED", "QUERY_TOO_COMPLEX", "UNAVAILABLE", "INTERNAL",
  // Part of the persisted-query protocol: on this code, clients send the whole query.
  "PERSISTED_QUERY_NOT_FOUND",
]);
const CODES = {
  BAD_REQUEST: "BAD_USER_INPUT",
  GRAPHQL_PARSE_FAILED: "BAD_USER_INPUT",
  GRAPHQL_VALIDATION_FAILED: "BAD_USER_INPUT",
  GRAPHQL_UNKNOWN_OPERATION_NAME: "BAD_USER_INPUT",
  INVALID_GRAPHQL_REQUEST: "BAD_USER_INPUT",
  INTROSPECTION_DISABLED: "FORBIDDEN",
  SUBREQUEST_HTTP_ERROR: "UNAVAILABLE",
  GATEWAY_TIMEOUT: "UNAVAILABLE",
};
const MESSAGES = {
  INTERNAL: "Something went wrong on our side.",
  UNAVAILABLE: "A part of the store did not answer. Please try again.",
};
const EXPOSED = ["code", "routerCode", "requestId", "retryAfter", "field", "fields", "cost", "budget"];

/** Replaces Apollo Server's errors in a JSON response with the contract's. */
export function mapErrors(text, requestId) {
  const answer = JSON.parse(text);
  if (!answer.errors) return text;
  // Validation reports errors by rule; sort them by their position in the operation.
  if (answer.data === undefined) answer.errors.sort((one, other) => position(one) - position(other));
  return JSON.stringify({ ...answer, errors: answer.errors.map((error) => mapError(error, requestId)) });
}

function mapError({ extensions = {}, ...error }, requestId) {
  const own = extensions.validationErrorCode in CODES ? extensions.validationErrorCode : extensions.code;
  const code = contractCode(own, error.message);
  if (code === own) return { ...error, extensions: pick(extensions, EXPOSED) };
  // The gateway adds DOWNSTREAM_SERVICE_ERROR to a subgraph's error that has no code.
  const routerCode = own === "DOWNSTREAM_SERVICE_ERROR" ? undefined : own;
  if (!(code in MESSAGES)) return { ...error, extensions: { ...pick(extensions, EXPOSED), code, routerCode } };
  // The cause goes into the log; the client gets the request id to refer to it.
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

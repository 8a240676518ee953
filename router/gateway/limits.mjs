// Rejects operations before execution: those over the limits of router.yaml, and those that their document lacks.
import { GraphQLError, Lexer, Source, TokenKind } from "graphql";

export const BODY_BYTES = 1_000_000;
const TOKENS = 5000;
const DEPTH = 100;

/** Returns the error for an operation over a limit. Returns undefined for any other, and for invalid GraphQL. */
export function limitError(query) {
  if (typeof query !== "string") return undefined;
  const lexer = new Lexer(new Source(query));
  let depth = 0;
  try {
    for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens++) {
      if (lexer.token.kind === TokenKind.BRACE_L) depth++;
      if (lexer.token.kind === TokenKind.BRACE_R) depth--;
      if (tokens === TOKENS) return tooComplex(`The operation has more than ${TOKENS} tokens.`);
      if (depth > DEPTH) return tooComplex(`The operation is more than ${DEPTH} levels deep.`);
    }
  } catch {
    // Leave syntax errors to the parser, which reports them better.
  }
  return undefined;
}

/** Apollo Server plugin: rejects an unknown operation name as the router does, instead of the gateway's own error. */
export const knownOperation = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation, request: { operationName } }) {
        if (operation) return;
        const message = operationName ? `Unknown operation named "${operationName}"` : "Must provide operation name.";
        const extensions = { code: "GRAPHQL_UNKNOWN_OPERATION_NAME", http: { status: 400 } };
        throw new GraphQLError(message, { extensions });
      },
    };
  },
};

function tooComplex(message) {
  return new GraphQLError(message, { extensions: { code: "QUERY_TOO_COMPLEX", routerCode: "PARSING_ERROR" } });
}

// How the gateway asks a subgraph. A client's headers stop here unless they are named: x-service-secret opens the
// internal steps and must come from a subgraph.
import { GraphQLError } from "graphql";

export class Subgraph {
  constructor(name, url, { secret, timeout }) {
    Object.assign(this, { name, url, secret, timeout });
  }

  async process({ request: { query, variables, operationName }, context }) {
    const { response, answer } = await this.post({ query, variables, operationName }, context);
    // A subgraph that answers with an HTTP error and GraphQL errors speaks for itself.
    if (response.ok || answer.errors) return answer;
    throw this.failure("SUBREQUEST_HTTP_ERROR", `answers ${response.status}`);
  }

  async post(operation, { requestId, authorization }) {
    const headers = {
      "content-type": "application/json",
      accept: "application/json",
      "x-router-secret": this.secret,
      "x-request-id": requestId,
      ...(authorization && { authorization }),
    };
    const signal = AbortSignal.timeout(this.timeout);
    try {
      const response = await fetch(this.url, { method: "POST", headers, body: JSON.stringify(operation), signal });
      return { response, answer: await response.json() };
    } catch (error) {
      if (error.name === "TimeoutError") throw this.failure("GATEWAY_TIMEOUT", `has not answered in ${this.timeout} ms`);
      throw this.failure("SUBREQUEST_HTTP_ERROR", `does not answer: ${error.cause ?? error}`);
    }
  }

  failure(code, reason) {
    return new GraphQLError(`${this.name} ${reason}`, { extensions: { code } });
  }
}

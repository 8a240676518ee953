// Sends the gateway's requests to a subgraph. Only the headers named here are passed on: x-service-secret opens the
// internal commands, so it must never come from a client.
import { GraphQLError } from "graphql";

export class Subgraph {
  constructor(name, url, { secret, timeout }) {
    Object.assign(this, { name, url, secret, timeout });
  }

  async process({ request: { query, variables, operationName }, context }) {
    const { response, answer } = await this.post({ query, variables, operationName }, context);
    // A subgraph's own GraphQL errors take precedence over its HTTP status.
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
      if (error.name === "TimeoutError") throw this.failure("GATEWAY_TIMEOUT", `did not answer within ${this.timeout} ms`);
      throw this.failure("SUBREQUEST_HTTP_ERROR", `does not answer: ${error.cause ?? error}`);
    }
  }

  failure(code, reason) {
    return new GraphQLError(`${this.name} ${reason}`, { extensions: { code } });
  }
}

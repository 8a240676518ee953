import { createGraphiQLFetcher, isAsyncIterable, type Fetcher, type FetcherParams } from "@graphiql/toolkit";
import { parse } from "graphql";
import { showPlan } from "./plan/store";
import { countPart, measuredFetch } from "./response";
import { accessToken } from "./session";
import { rememberAnswer } from "./tour/store";

/** A GraphQL response, or a part of one. */
type Result = Record<string, any>;

const INTROSPECTION = "IntrospectionQuery";

/** Sends GraphiQL's operations as the signed-in account, and keeps what the plugins show of the answers. */
export function createFetcher(endpoint: string): Fetcher {
  const introspect = createGraphiQLFetcher({ url: endpoint });
  const send = createGraphiQLFetcher({ url: endpoint, fetch: withHeaders(endpoint) });
  return async function* (params, options) {
    if (params.operationName === INTROSPECTION) {
      yield* each(await introspect(params, options));
      return;
    }
    const operation = withItsName(params);
    for await (const part of each(await send(operation, options))) {
      countPart();
      yield read(part, operation);
    }
  } as Fetcher;
}

/** GraphiQL learns an operation's name a moment after its text: what is run sooner would go with the name before. */
function withItsName(params: FetcherParams): FetcherParams {
  const names = operationNames(params.query);
  return names.includes(params.operationName ?? "") ? params : { ...params, operationName: names[0] };
}

function operationNames(query: string): string[] {
  try {
    return parse(query).definitions.flatMap((one) => (one.kind === "OperationDefinition" && one.name?.value) || []);
  } catch {
    return []; // The router says what is wrong.
  }
}

function withHeaders(endpoint: string): typeof fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    headers.set("apollo-expose-query-plan", "true");
    // Without it, the router rejects @defer.
    headers.append("accept", "multipart/mixed;deferSpec=20220824");
    const token = headers.has("authorization") ? null : await accessToken(endpoint);
    if (token) headers.set("authorization", `Bearer ${token}`);
    return measuredFetch(url, { ...init, headers });
  };
}

/** The parts that arrive together come as a list. */
async function* each(results: Awaited<ReturnType<Fetcher>>): AsyncGenerator<Result> {
  if (!isAsyncIterable(results)) yield results as Result;
  else for await (const result of results) yield* Array.isArray(result) ? result : [result];
}

/** Takes the plan out of a result, for the Plan plugin, and remembers the answer for the Tour. */
function read(result: Result, { operationName }: FetcherParams): Result {
  const { apolloQueryPlan, ...extensions } = result.extensions ?? {};
  if (apolloQueryPlan) void showPlan(apolloQueryPlan.object, "run");
  if (operationName && result.data) rememberAnswer(operationName, result.data);
  const { extensions: _, ...rest } = result;
  return Object.keys(extensions).length ? { ...rest, extensions } : rest;
}

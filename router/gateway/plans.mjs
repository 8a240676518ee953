// Apollo Server plugin: query plans in the router's format, for requests with the header Apollo-Expose-Query-Plan.
// `true` adds the plan to the response; `dry-run` returns the plan without executing the operation.
import { HeaderMap } from "@apollo/server";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { prettyFormatQueryPlan, QueryPlanner } from "@apollo/query-planner";
import { parse, print } from "graphql";

export function queryPlans(supergraphSdl) {
  const supergraph = Supergraph.build(supergraphSdl);
  const planner = new QueryPlanner(supergraph);
  const schema = supergraph.apiSchema();

  function extensions({ document, request: { operationName } }) {
    const plan = planner.buildQueryPlan(operationFromDocument(schema, document, { operationName }));
    return { apolloQueryPlan: { object: JSON.parse(JSON.stringify(plan, withoutDocuments)), text: prettyFormatQueryPlan(plan) } };
  }

  return {
    async requestDidStart({ request }) {
      switch (request.http.headers.get("apollo-expose-query-plan")) {
        case "true":
          return {
            async willSendResponse({ operation, response, ...context }) {
              if (operation) response.body.singleResult.extensions = extensions(context);
            },
          };
        case "dry-run":
          return {
            async responseForOperation(context) {
              const singleResult = { extensions: extensions(context) };
              return { http: { headers: new HeaderMap() }, body: { kind: "single", singleResult } };
            },
          };
      }
    },
  };
}

/** JSON replacer: drops the parsed operations and puts the text of each on one line. */
function withoutDocuments(key, value) {
  if (key === "operationDocumentNode") return undefined;
  return key === "operation" ? print(parse(value)).replace(/\s+/g, " ") : value;
}

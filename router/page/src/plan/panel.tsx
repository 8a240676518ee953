import { Button, useGraphiQL } from "@graphiql/react";
import { Tree } from "./tree";
import { planOnly, usePlan } from "./store";

/** The plugin's panel: the plan of the operation that ran last, or of the one in the editor without running it. */
export function PlanPanel({ endpoint }: { endpoint: string }) {
  const { drawing, source, problem } = usePlan();
  const { queryEditor, variableEditor, operationName } = useGraphiQL((state) => state);
  const plan = () =>
    planOnly(endpoint, {
      query: queryEditor?.getValue(),
      variables: JSON.parse(variableEditor?.getValue() || "{}"),
      operationName,
    });
  return (
    <section className="panel" aria-label="Query plan">
      <h2>Query plan</h2>
      <p>
        <Button type="button" onClick={plan}>
          Plan without running
        </Button>
      </p>
      {problem && <p role="alert">{problem}</p>}
      {drawing ? (
        <>
          <p role="status">
            {source === "run" ? "Run" : "Planned only"}: {count(drawing.fetches, "fetch", "fetches")} in{" "}
            {count(drawing.stages, "stage", "stages")}
          </p>
          {drawing.root ? (
            <Tree node={drawing.root} />
          ) : (
            <p>The router answers this by itself: no subgraph is called.</p>
          )}
        </>
      ) : (
        <p>Run an operation, or plan it, to see which subgraphs the router calls.</p>
      )}
    </section>
  );
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

import { create } from "zustand";

export interface Fetch {
  kind: "fetch";
  subgraph: string;
  operationKind: string;
  operation: string;
  requires: string | null;
  path: string | null;
}

export interface Group {
  kind: "sequence" | "parallel" | "condition" | "defer" | "primary" | "deferred" | "flatten";
  title: string;
  children: Node[];
}

export type Node = Fetch | Group;

/** A plan as the playground's server reads it. */
export interface Drawing {
  fetches: number;
  stages: number;
  root: Node | null;
}

/** Whether the operation was run or only planned. */
export type Source = "run" | "planned";

interface State {
  drawing: Drawing | null;
  source: Source;
  problem: string;
}

export const usePlan = create<State>(() => ({ drawing: null, source: "run", problem: "" }));

/** What a router that calls no subgraph leaves out. */
const NO_PLAN = { kind: "QueryPlan", node: null };

/** Has the server read a router's plan, and shows it. */
export async function showPlan(plan: unknown, source: Source): Promise<void> {
  const response = await fetch("plan", { method: "POST", body: JSON.stringify(plan) });
  const answer = await response.json();
  usePlan.setState(response.ok ? { drawing: answer, source, problem: "" } : { drawing: null, problem: answer.error });
}

/** Has the router plan an operation without running it, and shows the plan. */
export async function planOnly(endpoint: string, operation: Record<string, unknown>): Promise<void> {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, multipart/mixed;deferSpec=20220824",
        "apollo-expose-query-plan": "dry-run",
      },
      body: JSON.stringify(operation),
    });
    const { errors, extensions } = await response.json();
    if (errors) throw new Error(errors[0].message);
    await showPlan(extensions?.apolloQueryPlan?.object ?? NO_PLAN, "planned");
  } catch (error) {
    usePlan.setState({ drawing: null, problem: (error as Error).message });
  }
}

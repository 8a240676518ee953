import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Answers } from "./steps";

interface State {
  /** The newest data by the operation's name. */
  answers: Answers;
  /** Makes the idempotency keys of one walk through the tour its own. */
  walk: string;
}

const fresh = (): State => ({ answers: {}, walk: new Date().toISOString() });

export const useTour = create(persist<State>(fresh, { name: "steampunk:tour" }));

export function rememberAnswer(operation: string, data: Record<string, unknown>): void {
  const { answers } = useTour.getState();
  useTour.setState({ answers: { ...answers, [operation]: { ...answers[operation], ...data } } });
}

export function startAgain(): void {
  useTour.setState(fresh());
}

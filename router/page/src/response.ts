import { create } from "zustand";

/** What is known of the last response beside its body. `milliseconds` are from the request to the last byte so far. */
export interface ResponseFacts {
  status: number;
  milliseconds: number;
  bytes: number;
  parts: number;
  headers: [string, string][];
}

export const useResponse = create<{ facts: ResponseFacts | null }>(() => ({ facts: null }));

function update(change: Partial<ResponseFacts>): void {
  const { facts } = useResponse.getState();
  if (facts) useResponse.setState({ facts: { ...facts, ...change } });
}

export function countPart(): void {
  update({ parts: (useResponse.getState().facts?.parts ?? 0) + 1 });
}

/** `fetch` that measures: time and size grow as the body arrives. */
export async function measuredFetch(url: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  useResponse.setState({ facts: null });
  const response = await fetch(url, init);
  const headers = [...response.headers];
  const facts = { status: response.status, milliseconds: elapsed(), bytes: 0, parts: 0, headers };
  useResponse.setState({ facts });
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const bytes = (useResponse.getState().facts?.bytes ?? 0) + chunk.byteLength;
      update({ bytes, milliseconds: elapsed() });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(counting), response);
}

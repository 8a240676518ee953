import { useResponse } from "./response";

/** Below the response: its status, time, size, parts, request id and headers. */
export function ResponseFooter() {
  const { facts } = useResponse();
  if (!facts) return <div className="facts" />;
  const requestId = facts.headers.find(([name]) => name === "x-request-id")?.[1];
  return (
    <div className="facts" aria-label="Response" role="group">
      <span>{facts.status}</span>
      <span>{facts.milliseconds} ms</span>
      <span>{size(facts.bytes)}</span>
      {facts.parts > 1 && <span>{facts.parts} parts</span>}
      {requestId && <span className="request-id">request {requestId}</span>}
      <details>
        <summary>Headers</summary>
        <dl>
          {facts.headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

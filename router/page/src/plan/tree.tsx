import { useState } from "react";
import type { Fetch, Group, Node } from "./store";

const SUBGRAPHS = ["user", "product", "order", "payment", "stock", "library"];

/** A plan as nested lists: a sequence from top to bottom, what is parallel side by side. */
export function Tree({ node }: { node: Node }) {
  return <div className="plan">{node.kind === "fetch" ? <FetchBox fetch={node} /> : <GroupBox group={node} />}</div>;
}

function GroupBox({ group }: { group: Group }) {
  const List = group.kind === "sequence" ? "ol" : "ul";
  return (
    <div className={`plan-group plan-${group.kind}`}>
      <h3>{group.title}</h3>
      <List>
        {group.children.map((child, index) => (
          <li key={index}>{child.kind === "fetch" ? <FetchBox fetch={child} /> : <GroupBox group={child} />}</li>
        ))}
      </List>
    </div>
  );
}

function FetchBox({ fetch }: { fetch: Fetch }) {
  const [open, setOpen] = useState(false);
  const subgraph = SUBGRAPHS.includes(fetch.subgraph) ? fetch.subgraph : "other";
  return (
    <div className="plan-fetch" data-subgraph={subgraph}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <strong>{fetch.subgraph}</strong>
        {fetch.operationKind !== "query" && <em>{fetch.operationKind}</em>}
        {fetch.path && <small>flatten {fetch.path}</small>}
      </button>
      {open && (
        <div className="plan-details">
          {fetch.requires && (
            <>
              <h4>Requires</h4>
              <pre tabIndex={0}>{fetch.requires}</pre>
            </>
          )}
          <h4>Operation</h4>
          <pre tabIndex={0}>{fetch.operation}</pre>
        </div>
      )}
    </div>
  );
}

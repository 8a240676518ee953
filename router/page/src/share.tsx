import { ToolbarButton, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useState } from "react";

/** What a link carries. It stands behind the address's #, which no server sees. */
interface Shared {
  query?: string;
  variables?: string;
  operationName?: string;
}

/** Takes the shared operation out of the page's address. */
export function takeShared(): Shared {
  const shared = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  history.replaceState(null, "", location.pathname + location.search);
  return shared;
}

// A link that is opened where the playground is already.
window.addEventListener("hashchange", () => location.reload());

/** A button that puts a link to the operation and its variables into the address and the clipboard. */
export function ShareButton() {
  const { queryEditor, variableEditor, operationName } = useGraphiQL((state) => state);
  const [label, setLabel] = useState("Copy a link to this operation");
  const share = async () => {
    const shared = { query: queryEditor?.getValue(), variables: variableEditor?.getValue(), operationName };
    const given = Object.entries(shared).filter((entry): entry is [string, string] => Boolean(entry[1]));
    history.replaceState(null, "", `#${new URLSearchParams(given)}`);
    await navigator.clipboard.writeText(location.href);
    setLabel("The link is in the clipboard");
  };
  return (
    <ToolbarButton label={label} onClick={share}>
      <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2">
        <path d="M10 14a5 5 0 0 0 7 0l3-3a5 5 0 0 0-7-7l-1 1M14 10a5 5 0 0 0-7 0l-3 3a5 5 0 0 0 7 7l1-1" />
      </svg>
    </ToolbarButton>
  );
}

/** Chooses the shared operation among several of a document, once that has been parsed. */
export function ChooseShared({ operationName }: Shared) {
  const parsed = useGraphiQL((state) => Boolean(state.documentAST));
  const { setOperationName } = useGraphiQLActions();
  useEffect(() => {
    if (parsed && operationName) setOperationName(operationName);
  }, [parsed]);
  return null;
}

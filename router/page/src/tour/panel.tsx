import { Button, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import type { Config } from "../config";
import { signIn, useSession } from "../session";
import { STEPS, type Step } from "./steps";
import { startAgain, useTour } from "./store";

const OPERATIONS = import.meta.glob<string>("./operations/*.graphql", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** The plugin's panel: the story's operations in order. A click opens one in a tab of its own. */
export function TourPanel({ config }: { config: Config }) {
  const { session } = useSession();
  const { answers, walk } = useTour();
  const open = useOpenTab();
  const [player] = config.accounts;
  return (
    <section className="panel" aria-label="Tour">
      <h2>Tour</h2>
      <p>A customer’s story. Open an operation and run it: the next one takes its ids from the answer.</p>
      {!session && player && (
        <p>
          <Button type="button" onClick={() => signIn(config.endpoint, player.email, player.password)}>
            Sign in as {player.name}
          </Button>
        </p>
      )}
      <ol className="choices">
        {STEPS.map((step) => {
          const variables = step.variables ? step.variables(answers, walk) : {};
          return (
            <li key={step.operation}>
              <button type="button" disabled={!variables} onClick={() => open(step, variables!)}>
                <strong>
                  {step.title}
                  {answers[step.operation] && <span className="done"> ✓ answered</span>}
                </strong>
                <small>{step.about}</small>
              </button>
            </li>
          );
        })}
      </ol>
      <Button type="button" onClick={startAgain}>
        Start again
      </Button>
    </section>
  );
}

/** Opens a step in its tab, or in a new one. */
function useOpenTab() {
  const { tabs, queryEditor, variableEditor } = useGraphiQL((state) => state);
  const { addTab, changeTab } = useGraphiQLActions();
  return ({ operation }: Step, variables: Record<string, unknown>) => {
    const index = tabs.findIndex((tab) => tab.title === operation);
    if (index < 0) addTab();
    else changeTab(index);
    queryEditor?.setValue(OPERATIONS[`./operations/${operation}.graphql`]!);
    variableEditor?.setValue(JSON.stringify(variables, null, 2));
  };
}

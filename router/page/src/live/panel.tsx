import { Button } from "@graphiql/react";
import { useEffect, useState } from "react";
import type { Config } from "../config";
import { post } from "../post";
import { listen, poll, type Numbers } from "./numbers";

interface Sale {
  id: string;
  state: string;
  product: { title: string };
}

const SALES = `query Sales { flashSales(first: 10) { edges { node { id state product { title } } } } }`;

/** The plugin's panel: the newest flash sales, and the live numbers of the chosen one. */
export function LivePanel({ config }: { config: Config }) {
  const [sales, setSales] = useState<Sale[] | null>(null);
  const [chosen, choose] = useState<Sale | null>(null);
  const [problem, setProblem] = useState("");
  const load = () =>
    post(config.endpoint, SALES, {})
      .then(({ flashSales }) => setSales(flashSales.edges.map(({ node }: { node: Sale }) => node)))
      .then(() => setProblem(""))
      .catch((error) => setProblem(error.message));
  useEffect(() => void load(), []);
  return (
    <section className="panel" aria-label="Live">
      <h2>Live</h2>
      {problem && <p role="alert">{problem}</p>}
      {chosen && <LiveNumbers key={chosen.id} config={config} sale={chosen} />}
      <ul className="choices">
        {sales?.map((sale) => (
          <li key={sale.id}>
            <button type="button" aria-pressed={sale.id === chosen?.id} onClick={() => choose(sale)}>
              <strong>{sale.product.title}</strong>
              <small>{sale.state.toLowerCase().replace("_", " ")} when listed</small>
            </button>
          </li>
        ))}
      </ul>
      {sales?.length === 0 && <p>There is no flash sale yet.</p>}
      <Button type="button" onClick={load}>
        List the newest sales
      </Button>
    </section>
  );
}

function LiveNumbers({ config: { endpoint, live }, sale }: { config: Config; sale: Sale }) {
  const [numbers, setNumbers] = useState<Numbers | null>(null);
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const show = (newest: Numbers) => {
      setNumbers(newest);
      setChanges((before) => before + 1);
    };
    return live ? listen(live, sale.id, show) : poll(endpoint, sale.id, show);
  }, [endpoint, live, sale.id]);
  return (
    <div className="live">
      <h3>{sale.product.title}</h3>
      <p role="status">{numbers ? `${numbers.state}: ${numbers.remaining} of ${numbers.units} left` : "Waiting"}</p>
      {numbers && <progress aria-label="Units left" value={numbers.remaining} max={numbers.units} />}
      <p>
        {live ? "Server-sent events" : "Asked by saleStatus"}: shown {changes} {changes === 1 ? "time" : "times"}.
      </p>
    </div>
  );
}

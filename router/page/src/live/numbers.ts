import { post } from "../post";

/** How a flash sale stands. */
export interface Numbers {
  state: string;
  remaining: number;
  units: number;
}

type Show = (numbers: Numbers) => void;

const STATUS = `query Status($id: ID!, $version: String) {
  saleStatus(id: $id, version: $version) { version unchanged state remaining units pollAfter }
}`;
/** When the store does not answer. */
const RETRY_SECONDS = 5;

/** Shows a sale's numbers whenever they change, from server-sent events. Returns what ends it. */
export function listen(live: string, id: string, show: Show): () => void {
  const source = new EventSource(`${live}/sales/${id}/live`);
  source.addEventListener("sale", ({ data }) => show(JSON.parse(data)));
  return () => source.close();
}

/** The same, by asking the store as often as it says. */
export function poll(endpoint: string, id: string, show: Show): () => void {
  let [timer, version, ended]: [number, string | null, boolean] = [0, null, false];
  const ask = async () => {
    let wait: number | null = RETRY_SECONDS;
    try {
      const { saleStatus } = await post(endpoint, STATUS, { id, version });
      if (ended || !saleStatus) return;
      if (!saleStatus.unchanged) show(saleStatus);
      version = saleStatus.version;
      wait = saleStatus.pollAfter;
    } catch {
      // Asked again below.
    }
    if (wait !== null && !ended) timer = window.setTimeout(ask, wait * 1000);
  };
  void ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

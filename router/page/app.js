import { element, loadDocs, showDocs } from "./docs.js";
import { SAMPLES } from "./samples.js";

const LOGIN = `mutation Login($email: String!, $password: String!) {
  login(email: $email, password: $password) {
    ... on Session { accessToken user { name } }
    ... on InvalidCredentials { message }
  }
}`;

const at = (id) => document.getElementById(id);

// Kept per endpoint, so that a link to another endpoint never receives the token.
const account = {
  key: () => `account ${at("endpoint").value}`,
  get: () => JSON.parse(localStorage.getItem(account.key()) ?? "null"),
  set: (value) => localStorage.setItem(account.key(), JSON.stringify(value)),
  forget: () => localStorage.removeItem(account.key()),
};

async function post(query, variables = {}, extra = {}) {
  const token = account.get()?.token;
  const response = await fetch(at("endpoint").value, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...extra,
    },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, id: response.headers.get("x-request-id"), body: await response.json() };
}

const send = async (query, variables) => (await post(query, variables)).body;

async function run() {
  const started = performance.now();
  tell("running");
  try {
    const variables = read("variables");
    const headers = { "Apollo-Expose-Query-Plan": "true", ...read("headers") };
    const { status, id, body } = await post(at("query").value, variables, headers);
    const plan = body.extensions?.apolloQueryPlan;
    delete body.extensions?.apolloQueryPlan;
    if (body.extensions && !Object.keys(body.extensions).length) delete body.extensions;
    show(at("response"), body);
    at("plan").textContent = plan?.text ?? "No subgraph was called.";
    const took = `${Math.round(performance.now() - started)} ms`;
    tell([status, took, id].filter(Boolean).join(" · "), Boolean(body.errors));
  } catch (error) {
    at("response").textContent = error.message;
    tell("request failed", true);
  }
}

function read(id) {
  try {
    return JSON.parse(at(id).value.trim() || "{}");
  } catch (error) {
    throw new Error(`The ${id} are not JSON: ${error.message}`);
  }
}

function tell(text, bad = false) {
  at("status").textContent = text;
  at("status").classList.toggle("bad", bad);
}

// Shows coloured JSON as text nodes, so that nothing in a response is parsed as HTML.
function show(target, value) {
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const text = JSON.stringify(value, null, 2);
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(token)) {
    const part = element("span", found[1] ?? found[0]);
    part.className = found[2] ? "key" : found[1] ? "string" : "literal";
    parts.push(text.slice(end, found.index), part);
    end = found.index + (found[1] ?? found[0]).length;
  }
  target.replaceChildren(...parts, text.slice(end));
}

async function signIn(event) {
  event.preventDefault();
  try {
    const { data, errors } = await send(LOGIN, { email: at("email").value, password: at("password").value });
    const session = data?.login;
    if (!session?.accessToken) throw new Error(errors?.[0].message ?? session?.message ?? "No session.");
    account.set({ token: session.accessToken, name: session.user.name });
    at("password").value = "";
    tell(`signed in as ${session.user.name}`);
  } catch (error) {
    tell(error.message, true);
  }
  showAccount();
}

function showAccount() {
  const known = account.get();
  at("sign-in").hidden = Boolean(known);
  at("signed-in").hidden = !known;
  at("who").textContent = known ? `Signed in as ${known.name}` : "";
}

function open(sample) {
  at("query").value = sample.query;
  at("variables").value = JSON.stringify(sample.variables, null, 2);
}

function fillSamples() {
  for (const sample of SAMPLES) {
    const button = element("button", sample.title);
    button.type = "button";
    button.append(element("small", sample.about));
    button.onclick = () => open(sample);
    at("samples").append(button);
  }
  open(SAMPLES[0]);
}

function choose(button) {
  const nav = button.parentElement;
  for (const one of nav.querySelectorAll("button")) {
    one.classList.toggle("on", one === button);
    at(one.dataset.tab).hidden = one !== button;
  }
}

async function connect() {
  showAccount();
  try {
    await loadDocs(send);
  } catch {
    showDocs("");
    tell("the endpoint does not answer", true);
  }
}

async function start() {
  const asked = new URLSearchParams(location.search).get("endpoint");
  at("endpoint").value = asked ?? (await (await fetch("config.json")).json()).endpoint;
  fillSamples();
  for (const button of document.querySelectorAll("[data-tab]")) button.onclick = () => choose(button);
  at("run").onclick = run;
  at("sign-in").onsubmit = signIn;
  at("sign-out").onclick = () => { account.forget(); showAccount(); };
  at("endpoint").onchange = connect;
  at("search").oninput = () => showDocs(at("search").value);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  });
  await connect();
}

start();

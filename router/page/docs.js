// The searchable schema: types, fields, arguments and their descriptions.

const INTROSPECTION = `query Introspection { __schema { types {
  kind name description
  fields { name description args { name type { ...T } } type { ...T } }
  inputFields { name description type { ...T } }
  enumValues { name description }
  possibleTypes { name }
} } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;

const ROOTS = ["Query", "Mutation"];
const SHOWN = 40;

let types = [];

export async function loadDocs(send) {
  const answer = await send(INTROSPECTION);
  types = (answer.data?.__schema.types ?? []).filter((type) => !type.name.startsWith("__"));
  types.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  showDocs("");
}

export function showDocs(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = types.map((type) => matched(type, words)).filter(Boolean);
  const results = document.querySelector("#results");
  results.replaceChildren(...found.slice(0, SHOWN).map((one) => card(one, words.length > 0)));
  if (found.length === 0) results.append(element("p", types.length ? "Nothing found." : "No schema: is the endpoint right?"));
  if (found.length > SHOWN) results.append(element("p", `and ${found.length - SHOWN} more types`));
}

// Query and Mutation first, scalars last.
function rank(type) {
  if (type.kind === "SCALAR") return ROOTS.length + 1;
  return ROOTS.includes(type.name) ? ROOTS.indexOf(type.name) : ROOTS.length;
}

const has = (thing, words) =>
  words.every((word) => `${thing.name} ${thing.description ?? ""}`.toLowerCase().includes(word));

// A type that matches shows all its members; otherwise only its matching members are shown.
function matched(type, words) {
  const members = type.fields ?? type.inputFields ?? type.enumValues ?? type.possibleTypes ?? [];
  if (has(type, words)) return { type, members };
  const some = members.filter((member) => has(member, words));
  return some.length ? { type, members: some } : null;
}

function card({ type, members }, open) {
  const details = element("details");
  details.open = open;
  const summary = element("summary", `${type.name} `);
  summary.append(element("small", type.kind.toLowerCase().replace("_", " ")));
  details.append(summary);
  if (type.description) details.append(element("p", type.description));
  const list = element("dl");
  for (const member of members) list.append(...entry(member));
  details.append(list);
  return details;
}

function entry(member) {
  const name = element("dt", member.name);
  if (member.args?.length) {
    name.append("(");
    member.args.forEach((arg, at) => name.append(`${at ? ", " : ""}${arg.name}: `, reference(arg.type)));
    name.append(")");
  }
  if (member.type) name.append(": ", reference(member.type));
  return member.description ? [name, element("dd", member.description)] : [name];
}

function reference(type) {
  const link = element("a", spell(type));
  link.onclick = () => {
    const search = document.querySelector("#search");
    search.value = spell(type).replace(/[[\]!]/g, "");
    search.dispatchEvent(new Event("input"));
  };
  return link;
}

function spell(type) {
  if (type.kind === "NON_NULL") return `${spell(type.ofType)}!`;
  if (type.kind === "LIST") return `[${spell(type.ofType)}]`;
  return type.name;
}

export function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

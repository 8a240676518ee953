// Audits the GraphQL endpoint of the first argument, with the headers (JSON) of the second. Prints [{name, status, reason}]:
// "ok", "warn" where it does not keep a SHOULD of GraphQL over HTTP, "error" where it does not keep a MUST.
import { serverAudits } from "graphql-http";

const [url, headers] = process.argv.slice(2);
const fetchFn = (to, request) =>
  fetch(to, { ...request, headers: { ...request?.headers, ...JSON.parse(headers) } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { name, status, reason } = await audit.fn();
  results.push({ name, status, reason });
}
process.stdout.write(JSON.stringify(results));

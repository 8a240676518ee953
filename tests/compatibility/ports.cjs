// The suite's ports are fixed. This moves them: PORTS is a JSON object from the suite's ports to the test's.
const { Server, Socket } = require("node:net");

const ports = JSON.parse(process.env.PORTS);

for (const [kind, method] of [[Socket, "connect"], [Server, "listen"]]) {
  const original = kind.prototype[method];
  kind.prototype[method] = function (...given) {
    const [first] = given.flat();
    if (typeof first === "object") first.port = ports[first.port] ?? first.port;
    else given[0] = ports[first] ?? first;
    return original.apply(this, given);
  };
}

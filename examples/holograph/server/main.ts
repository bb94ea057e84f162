// The sample service on Node. Where it listens and which file has its flags is said by PORT and FLAGS_FILE.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { app } from "./app.js";
import { close, open } from "./feature_flags.js";

const port = Number(process.env["PORT"] ?? 7879);
const file = process.env["FLAGS_FILE"] ?? "../config/feature_flags.yaml";

open(file);
const server = app().listen(port, "127.0.0.1");
await once(server, "listening");
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}, with the flags of ${file}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    close();
    server.close();
    server.closeAllConnections();
  });
}

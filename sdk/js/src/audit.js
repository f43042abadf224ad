// Keeps the record of what happened outside of the server (`esignet:audit-sink`): `export const auditSink = sdk.auditSink({ … })`.

import { exported } from "./guard.js";

const FUNCTIONS = {
  describe: (role) => ({ attributes: [], ...role.describe() }),
  write: (role, log, events) => BigInt(role.write(log, events)),
};

// What the component exports for a sink; index.d.ts says what `implementation` is made of.
export function auditSink(implementation) {
  return exported("audit-sink", implementation, FUNCTIONS);
}

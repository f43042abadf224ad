// What tells people of what was done in their name (`esignet:notifier`): `export const notifier = sdk.notifier({ … })`.

import { exported } from "./guard.js";

const FUNCTIONS = {
  describe: (role) => ({ attributes: [], ...role.describe() }),
  notify: (role, notice) => void role.notify({ ...notice, at: Number(notice.at) }),
};

// What the component exports for a notifier; index.d.ts says what `implementation` is made of.
export function notifier(implementation) {
  return exported("notifier", implementation, FUNCTIONS);
}

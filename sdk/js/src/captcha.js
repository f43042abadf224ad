// What tells people from programs (`esignet:captcha`): `export const captcha = sdk.captcha({ … })`.

import { bytes } from "./bytes.js";
import { exported } from "./guard.js";

const FUNCTIONS = {
  describe: (role) => ({ attributes: [], ...role.describe() }),
  begin: (role, caller) => role.begin(caller),
  verify: (role, caller, state, answers) => void role.verify(caller, state, answers),
};

// What the component exports for a captcha; index.d.ts says what `implementation` is made of.
export function captcha(implementation) {
  return exported("captcha", { describe: () => ({}), ...implementation }, FUNCTIONS);
}

// Asks the person; `state` comes back with the answers.
export function challenge(form, state) {
  return { form, state: bytes(state) };
}

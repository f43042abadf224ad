// Binds keys of wallets and devices to people (`esignet:key-binder`): `export const keyBinder = sdk.keyBinder({ … })`.

import { exported } from "./guard.js";

const FUNCTIONS = {
  describe: (role) => ({ attributes: [], ...role.describe() }),
  bind: (role, caller, person, publicJwk) => {
    const bound = role.bind(caller, person, JSON.parse(publicJwk));
    return { attributes: [], ...bound, expiresAt: BigInt(bound.expiresAt) };
  },
};

// What the component exports for a key binder; index.d.ts says what `implementation` is made of.
export function keyBinder(implementation) {
  return exported("key-binder", implementation, FUNCTIONS);
}

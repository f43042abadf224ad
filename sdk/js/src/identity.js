// The country's ID system behind the server (`esignet:id-system`): `export const idSystem = sdk.idSystem({ … })`.

import { bytes } from "./bytes.js";
import { exported } from "./guard.js";

const FUNCTIONS = {
  describe: (role) => ({ otpChannels: [], claims: [], claimsLocales: [], verified: null, attributes: [], ...role.describe() }),
  sendOtp: (role, caller, individual, channels) => role.sendOtp(caller, individual, channels),
  authenticate: (role, caller, individual, proofs, evidence) => {
    const known = role.authenticate(caller, individual, proofs, evidence);
    const claims = (known.claims ?? []).map((status) => ({ available: true, verified: false, attributes: [], ...status }));
    return { partnerSpecific: false, attributes: [], ...known, continuation: bytes(known.continuation), claims };
  },
  releaseClaims: (role, caller, continuation, request) => {
    const verifiedClaims = JSON.parse(request.verifiedClaims ?? "[]");
    return JSON.stringify(role.releaseClaims(caller, continuation, { ...request, verifiedClaims }));
  },
};

// What the component exports for an ID system; index.d.ts says what `implementation` is made of.
export function idSystem(implementation) {
  return exported("id-system", implementation, FUNCTIONS);
}

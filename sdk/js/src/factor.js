// One way to prove who one is (`esignet:auth-factor`): `export const authFactor = sdk.authFactor({ … })`.

import { bytes } from "./bytes.js";
import { exported } from "./guard.js";
import { attributes, rejection } from "./words.js";

const FUNCTIONS = {
  describe: (role) => ({ needsIndividual: true, attributes: [], ...role.describe() }),
  begin: (role, caller, individual) => role.begin(caller, individual ?? undefined),
  resume: (role, caller, individual, state, input) => role.resume(caller, individual ?? undefined, state, input),
};

// What the component exports for a factor; index.d.ts says what `implementation` is made of.
export function authFactor(implementation) {
  return exported("auth-factor", implementation, FUNCTIONS);
}

// A form with a heading, fields and a button.
export function form(title, submit, fields, { resendAfterSeconds = null } = {}) {
  return { title, submit, fields, resendAfterSeconds };
}

// A field that must be filled in unless `required: false`; `constraints` are `{ length: 6, characters: "digits" }`.
export function field(name, kind, label, { hint = null, required = true, constraints = {} } = {}) {
  return { name, kind, label, hint, required, constraints: attributes(constraints) };
}

// Asks the person; `state` comes back with the answers. `because` says why the last answer was not accepted.
export function ask(form, state, because = null) {
  return { tag: "ask", val: { form, state: bytes(state), rejection: because } };
}

// Has the ID system send an OTP over `channels`, or over its usual one if there are none.
export function deliverOtp(channels, state) {
  return { tag: "deliver-otp", val: { channels, state: bytes(state) } };
}

// Lets time pass.
export function pause(seconds, message, state) {
  return { tag: "pause", val: { seconds, message, state: bytes(state) } };
}

// Proved here.
export function proved(evidence) {
  return { tag: "proved", val: evidence };
}

// Leaves `proof` to the ID system; `state` comes back if it says no.
export function delegate(proof, state) {
  return { tag: "delegate", val: { proof, state: bytes(state) } };
}

// This factor cannot be passed in this login any more.
export function refused(reason, more) {
  return { tag: "refused", val: rejection(reason, more) };
}

// The only value the person gave to the field `name`; `undefined` if there is no such answer, or more than one.
export function answer(answers, name) {
  const named = answers.filter((given) => given.name === name);
  return named.length === 1 ? named[0].value : undefined;
}

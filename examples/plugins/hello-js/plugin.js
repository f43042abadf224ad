// The smallest ID system that a whole login goes through: who there is, and the code that is right, are settings of the
// operator. It sends nothing. For trying things out, never for people.

import { config, crypto, fromJson, idSystem as role, Internal, Misconfigured, Rejected, Unsupported } from "@esignet/plugin-sdk";

// By number: `{ "1001": { "name": "Amina" } }`. Read anew in every call, because nothing is remembered between calls.
function person(number) {
  const people = config.parse("people", {});
  return Object.hasOwn(people, number) ? people[number] : undefined;
}

export const idSystem = role({
  describe() {
    config.required("otp");
    if (Object.keys(config.parse("people", {})).length === 0) throw new Misconfigured("put someone into the config key `people`");
    return {
      factors: [{ factor: "OTP", formats: ["alpha-numeric"] }],
      individualKinds: ["uin"],
      otpChannels: ["sms"],
      claims: ["name"],
      claimsLocales: ["en"],
    };
  },

  // Says that a code was sent, to anyone: an error here would tell who exists.
  sendOtp(caller, individual, channels) {
    if (channels.some((channel) => channel !== "sms")) throw new Unsupported("a channel other than sms");
    return { targets: [{ channel: "sms", masked: "XXXXXXXX" }], validSeconds: 180, resendAfterSeconds: 30 };
  },

  authenticate(caller, individual, proofs) {
    const [proof] = proofs;
    const isCode = proofs.length === 1 && proof.factor === "OTP" && proof.format === "alpha-numeric";
    const otp = isCode ? proof.value : "";
    const right = crypto.equal(otp, config.required("otp"));
    if (!right || individual.kind !== "uin" || !person(individual.value)) throw new Rejected("wrong");
    return {
      subject: crypto.hex(crypto.sha256(`hello:${individual.value}`)),
      continuation: { version: 1, number: individual.value },
    };
  },

  releaseClaims(caller, continuation, request) {
    const { number } = fromJson(continuation);
    const known = person(number);
    if (!known) throw new Internal("the continuation is of nobody");
    return Object.fromEntries(Object.entries(known).filter(([claim]) => request.claims.includes(claim)));
  },
});

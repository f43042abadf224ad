// An ID system that looks around, throws, remembers or takes too much, as the config key `behaviour` says; README.md lists how.
// The same as curious-python, in JavaScript.

import { config, idSystem as role, text } from "@esignet/plugin-sdk";
import log from "esignet:host/log@0.1.0";

// Whoever calls next should not find what is put here.
const remembered = [];

const BEHAVIOURS = {
  throw: (number) => {
    throw new RangeError(`no such person: ${number}`);
  },
  nest: (number) => {
    const deeper = () => null[number];
    deeper();
  },
  print: (number) => {
    for (let line = 0; line < 3; line++) console.log(`line ${line} of ${number}`);
  },
  flood: () => {
    for (;;) log.log("info", "flood", [["line", "a line of a flood"]]);
  },
  allocate: () => {
    const taken = [];
    for (;;) taken.push(new Uint8Array(1 << 20).fill(1));
  },
  spin: () => {
    for (;;);
  },
  recurse: () => {
    const again = (depth) => again(depth + 1) + 1;
    again(0);
  },
  look: () => {
    const zone = new Date(0).getTimezoneOffset();
    const words = [typeof process, typeof require, typeof fetch, typeof std, typeof os, zone, scale(), new Error().stack];
    return words.join(" ").replaceAll("\n", " ");
  },
  random: () => String(Math.random()),
};

// Milliseconds of the clock's last three digits: whole seconds have none.
function scale() {
  return Date.now() % 1000;
}

export const idSystem = role({
  describe() {
    const claims = ["name"];
    const factors = [{ factor: "OTP", formats: ["alpha-numeric"] }];
    if (config.get("behaviour") === "throw-in-describe") throw new TypeError("the register has no door");
    return { factors, individualKinds: ["uin"], otpChannels: ["sms"], claims, claimsLocales: ["en"] };
  },
  sendOtp() {
    return { targets: [{ channel: "sms", masked: "XXXX" }], validSeconds: 180, resendAfterSeconds: 30 };
  },
  authenticate(caller, individual) {
    const found = remembered.length;
    remembered.push(individual.value);
    const seen = BEHAVIOURS[config.get("behaviour")]?.(individual.value) ?? `found ${found}`;
    return { subject: individual.value, continuation: seen };
  },
  releaseClaims(caller, continuation) {
    return { name: `${text(continuation)}, then ${remembered.length}` };
  },
});

// An ID system that looks around, throws, remembers or takes too much, as the config key `behaviour` says, and a factor that
// goes through every step as it is told by the word that is typed; README.md says more.
// The same as curious-python, in JavaScript.

import * as sdk from "@esignet/plugin-sdk";
import { config, text } from "@esignet/plugin-sdk";
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
  canary,
  ask: () => {
    const { cache, clock, crypto, http } = sdk;
    const asked = http.upstream("register").post("/v1/x", { json: { a: 1 }, query: { q: "x" } });
    const both = http.sendAll(["register", "other"].map((upstream) => ({ upstream, method: "POST", path: "/v1/y" })));
    cache.put("k", "v", 60);
    return [
      JSON.stringify(asked.success().json()),
      thrown(() => http.upstream("other").get("/")),
      both[0].status,
      both[1].name,
      thrown(() => crypto.hmac("none", "x")),
      thrown(() => crypto.random(2000)),
      thrown(() => crypto.signJws("none", "x")),
      crypto.random(4).length,
      crypto.hex(crypto.digest("sha512", "abc")).slice(0, 8),
      thrown(() => crypto.verifyJws("x", { keys: [] })),
      text(cache.get("k")),
      cache.putIfAbsent("k", "w", 60),
      text(cache.take("k")),
      cache.take("k") ?? "none",
      clock.now(),
      config.parse("number", 0) + 1,
    ].join(" ");
  },
};

function thrown(call) {
  try {
    return call();
  } catch (error) {
    return error.name;
  }
}

// Keeps what the person typed wherever it can, and says how much of others it found there. What is found of this call itself
// shows that looking works.
class Keeper {
  static kept = [];
}
const closure = ((kept) => ({ kept }))([]);
const byKey = new Map();
const byObject = new WeakMap();

function places() {
  return [remembered, Keeper.kept, closure.kept, [...byKey.values()], byObject.get(sdk) ?? [], globalThis.kept ?? [],
    Object.prototype.kept ?? [], Array.prototype.kept ?? [], Function.kept ?? [], sdk.idSystem.kept ?? [], log.kept ?? [],
    Object.keys(globalThis).filter((name) => name.startsWith("CANARY-")), Object.keys(Symbol).map(String),
    [String(RegExp.$1 ?? ""), RegExp.lastMatch ?? ""].filter((text) => text.startsWith("CANARY-"))];
}

function canary(number) {
  const found = places().flat();
  Keeper.kept.push(number);
  closure.kept.push(number);
  byKey.set(number, number);
  byObject.set(sdk, [number]);
  globalThis.kept = [number];
  globalThis[number] = number;
  for (const place of [Object.prototype, Array.prototype, Function, sdk.idSystem, log]) {
    try {
      Object.defineProperty(place, "kept", { value: [number], configurable: true, enumerable: false });
    } catch {
      // What is frozen keeps nothing.
    }
  }
  /(CANARY-\d+)/.exec(number);
  // A copy for the heap to leave behind.
  Array.from({ length: 64 }, (_, at) => `${number}.${at}`);
  const own = places().flat().filter((kept) => String(kept).startsWith(number)).length;
  const others = found.filter((kept) => !String(kept).startsWith(number) && /CANARY/.test(String(kept))).length;
  return `${own > 5 ? "itself" : "not even itself"} and ${others} others`;
}

// Milliseconds of the clock's last three digits: whole seconds have none.
function scale() {
  return Date.now() % 1000;
}

export const idSystem = sdk.idSystem({
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

const word = sdk.field("word", "text", sdk.message("word", "A word of {n} letters", { n: 4 }), {
  hint: sdk.message("hint", "Any"),
  required: false,
  constraints: { length: 4 },
});
const form = sdk.form(sdk.message("title", "Say it"), sdk.message("submit", "Go on"), [word], { resendAfterSeconds: 30 });

// By the word that is typed.
const STEPS = {
  send: (state) => sdk.deliverOtp(["sms"], state),
  wait: (state) => sdk.pause(1, sdk.message("wait", "Wait"), state),
  pass: () => sdk.proved(sdk.evidence("MAGIC", ["kba"], { how: "word" })),
  them: (state) => sdk.delegate(sdk.proof("MAGIC", "text", "አዎ", { how: "word" }), state),
  stop: () => sdk.refused("locked", { retryAfterSeconds: 60 }),
};

export const authFactor = sdk.authFactor({
  describe: () => ({ factor: "MAGIC", amr: ["kba"] }),
  begin: (caller, individual) => sdk.ask(form, { version: 1, inputs: [individual === undefined ? "nobody" : "somebody"] }),
  resume(caller, individual, state, input) {
    const next = sdk.fromJson(state);
    next.inputs.push(input.tag);
    const typed = input.tag === "answers" ? text(sdk.answer(input.val, "word") ?? sdk.bytes("")) : "";
    return STEPS[typed]?.(next) ?? sdk.ask(form, next, sdk.rejection("wrong", { attemptsLeft: 2 }));
  },
});

// The SDK outside the sandbox: `npm test`. Whole logins through a plugin are in tests/tests/all/languages.rs.

import assert from "node:assert/strict";
import test from "node:test";

import * as sdk from "../src/index.js";

const host = globalThis.esignetHost;
const err = (payload) => Object.assign(new Error(), { payload });
const thrown = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("it threw nothing");
};

function identity(functions) {
  const complete = { describe() {}, sendOtp() {}, authenticate() {}, releaseClaims() {} };
  return sdk.idSystem({ ...complete, ...functions });
}

test("octets are UTF-8 in both directions, and what is broken becomes a replacement character", () => {
  for (const words of ["", "abc", "é", "አማርኛ", "😀 x", "\u{10ffff}"]) {
    assert.deepEqual(sdk.bytes(words), new Uint8Array(Buffer.from(words)));
    assert.equal(sdk.text(Buffer.from(words)), words);
  }
  for (const broken of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xe2, 0x28, 0xa1], [0xf4, 0x90, 0x80, 0x80]]) {
    assert.match(sdk.text(Uint8Array.from([65, ...broken, 66])), /^A\ufffd.*B$/s);
  }
});

test("JSON is read up to 128 levels deep, brackets in strings left out", () => {
  const nested = (levels) => Buffer.from("[".repeat(levels) + "]".repeat(levels));
  assert.deepEqual(sdk.fromJson(Buffer.from('{"a\\"[": ["]{", 1]}')), { 'a"[': ["]{", 1] });
  assert.ok(sdk.fromJson(nested(128)));
  assert.ok(sdk.fromJson(Buffer.from(JSON.stringify("[".repeat(500)))));
  assert.throws(() => sdk.fromJson(nested(129)), /deeper than 128/);
  assert.throws(() => sdk.fromJson(Buffer.from("[".repeat(4096))), SyntaxError);
});

test("a failure that is thrown is the contract's", () => {
  const role = identity({ sendOtp() { throw new sdk.Rejected("wrong", { attemptsLeft: 2 }); } });
  const rejected = { tag: "rejected", val: { reason: "wrong", attemptsLeft: 2, retryAfterSeconds: null } };
  assert.deepEqual(thrown(() => role.sendOtp()), rejected);
});

test("anything else that is thrown is reported by type and place without its message", () => {
  const lines = [];
  host.log.log = (...line) => lines.push(line);
  const role = identity({ authenticate() { throw new TypeError("2053718694"); } });
  const failure = thrown(() => role.authenticate());
  assert.equal(failure.tag, "internal");
  assert.match(failure.val, /^TypeError in authenticate at sdk\.test\.js:\d+:\d+$/);
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0].slice(0, 2), ["error", "plugin-threw"]);
  assert.doesNotMatch(JSON.stringify([failure, lines]), /2053718694/);
});

test("a role without one of its functions is refused when it is built", () => {
  assert.throws(() => sdk.idSystem({ describe() {} }), /no sendOtp, authenticate, releaseClaims/);
});

test("a captcha needs no description, its state is octets, and a verdict is nothing or a failure", () => {
  const role = sdk.captcha({
    begin: () => sdk.challenge(sdk.form(sdk.message("t", "T"), sdk.message("s", "S"), []), { id: 1 }),
    verify(caller, state) { if (sdk.text(state) !== "right") throw new sdk.Rejected("wrong"); return true; },
  });
  assert.deepEqual(role.describe(), { attributes: [] });
  assert.deepEqual(role.begin({}).state, sdk.bytes({ id: 1 }));
  assert.equal(role.verify({}, sdk.bytes("right"), []), undefined);
  assert.equal(thrown(() => role.verify({}, sdk.bytes("other"), [])).tag, "rejected");
});

test("a notifier gets its time as a number", () => {
  const told = [];
  const role = sdk.notifier({ describe: () => ({ events: ["signed-in"] }), notify(notice) { told.push(notice); } });
  assert.deepEqual(role.describe(), { attributes: [], events: ["signed-in"] });
  assert.equal(role.notify({ id: "n", at: 1800000000n }), undefined);
  assert.deepEqual(told, [{ id: "n", at: 1800000000 }]);
});

test("defaults are filled in, and claims leave as JSON", () => {
  const role = identity({
    describe: () => ({ factors: [], individualKinds: ["uin"] }),
    authenticate: () => ({ subject: "s", continuation: { id: 1 }, claims: [{ claim: "name" }] }),
    releaseClaims: (_, continuation, request) => ({ ...sdk.fromJson(continuation), asked: request.verifiedClaims }),
  });
  assert.equal(role.describe().verified, null);
  const known = role.authenticate();
  assert.deepEqual(known.claims, [{ claim: "name", available: true, verified: false, attributes: [] }]);
  assert.equal(role.releaseClaims({}, known.continuation, { claims: [] }), '{"id":1,"asked":[]}');
});

test("what the host denies is a misconfiguration, and what cannot be reached is unavailable", () => {
  host.http = { fetch() { throw err({ tag: "denied", val: "the rule" }); } };
  assert.ok(thrown(() => sdk.http.upstream("r").get("/")) instanceof sdk.Misconfigured);
  host.http = { fetch() { throw err({ tag: "timeout" }); } };
  assert.ok(thrown(() => sdk.http.upstream("r").get("/")) instanceof sdk.Unavailable);
  host.cache = { get() { throw err({ tag: "unavailable" }); } };
  assert.ok(thrown(() => sdk.cache.get("k")) instanceof sdk.Unavailable);
});

test("a request carries what was put into it, and an answer is read as JSON", () => {
  let request;
  host.http = { fetch: (built) => ((request = built), { status: 201, headers: [["X-A", "b"]], body: sdk.bytes({ a: 1 }) }) };
  const response = sdk.http.upstream("register").post("/v2", { json: { q: 1 }, query: { p: "x" }, timeoutMs: 500 });
  assert.deepEqual([request.upstream, request.method, request.path], ["register", "POST", "/v2"]);
  assert.deepEqual([request.query, request.headers], [[["p", "x"]], [["content-type", "application/json"]]]);
  assert.equal(sdk.text(request.body), '{"q":1}');
  assert.deepEqual(response.success().json(), { a: 1 });
  assert.equal(response.header("x-a"), "b");
  host.http = { fetch: () => ({ status: 503, headers: [], body: new Uint8Array() }) };
  assert.ok(thrown(() => sdk.http.upstream("r").get("/").success()) instanceof sdk.Unavailable);
});

test("an answer given twice is no answer", () => {
  const given = (value) => ({ name: "otp", value: sdk.bytes(value) });
  assert.deepEqual(sdk.answer([given("1")], "otp"), sdk.bytes("1"));
  assert.equal(sdk.answer([given("1"), given("2")], "otp"), undefined);
});

test("randomness is the host's", () => {
  host.crypto = { random: (length) => new Uint8Array(length).fill(128) };
  assert.ok(Math.random() > 0.5 && Math.random() < 0.51);
});

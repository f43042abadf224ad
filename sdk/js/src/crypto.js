// Randomness, digests and named keys. Keys never enter the sandbox.

import { bytes } from "./bytes.js";
import { Internal, Misconfigured } from "./failure.js";
import { asked, crypto } from "./host.js";

function failure(tag, what) {
  return tag === "invalid" ? new Internal(what) : new Misconfigured(what);
}

// `length` random octets; at most 1024 a call.
export function random(length) {
  return asked(() => crypto.random(length), failure);
}

// The digest of `data` by "sha256", "sha384" or "sha512".
export function digest(algorithm, data) {
  return crypto.digest(algorithm, bytes(data));
}

export function sha256(data) {
  return digest("sha256", data);
}

// HMAC-SHA-256 (RFC 2104) of `data` under the key that the operator granted as `key`.
export function hmac(key, data) {
  return asked(() => crypto.hmac(key, bytes(data)), failure);
}

// Whether `a` and `b` are the same, in a time that does not depend on their content.
export function equal(a, b) {
  return crypto.equal(bytes(a), bytes(b));
}

// A compact JWS (RFC 7515 section 3.1) over `payload` by the granted `key`; `header` are further protected members.
export function signJws(key, payload, header = {}) {
  return asked(() => crypto.signJws(key, Object.entries(header), bytes(payload), false), failure);
}

// A compact JWS without its payload (RFC 7515 appendix F).
export function signDetachedJws(key, payload, header = {}) {
  return asked(() => crypto.signJws(key, Object.entries(header), bytes(payload), true), failure);
}

// The payload of a compact JWS whose signature verifies under one key of the JWK set (RFC 7517 section 5) `keySet`.
export function verifyJws(jws, keySet) {
  return asked(() => crypto.verifyJws(jws, typeof keySet === "string" ? keySet : JSON.stringify(keySet)), failure);
}

// Octets in lower-case hexadecimal digits.
export function hex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

// The seed of QuickJS is drawn when the plugin is built, so that its Math.random says the same in every call. Ours asks the host.
Math.random = () => random(6).reduce((value, octet) => (value + octet) / 256, 0);

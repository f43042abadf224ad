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
// With `certificates` those that the operator gave with the key travel in `x5c`.
export function signJws(key, payload, header = {}, { certificates = false } = {}) {
  return asked(() => crypto.signJws(key, Object.entries(header), bytes(payload), false, certificates), failure);
}

// A compact JWS without its payload (RFC 7515 appendix F).
export function signDetachedJws(key, payload, header = {}, { certificates = false } = {}) {
  return asked(() => crypto.signJws(key, Object.entries(header), bytes(payload), true, certificates), failure);
}

// Sealed by the granted `key`, for this plugin to `open` on any node; `associated` says what and whose it is.
export function seal(key, associated, plain) {
  return asked(() => crypto.seal(key, bytes(associated), bytes(plain)), failure);
}

// What was sealed with the same `associated`.
export function open(key, associated, sealed) {
  return asked(() => crypto.open(key, bytes(associated), bytes(sealed)), failure);
}

// AES-256-GCM under a key of the plugin's own, from `random(32)`; a nonce of 12 or 16 octets, never twice under a key.
export function encryptAesGcm(key, nonce, associated, plain) {
  return asked(() => crypto.encryptAesGcm(bytes(key), bytes(nonce), bytes(associated), bytes(plain)), failure);
}

export function decryptAesGcm(key, nonce, associated, ciphertext) {
  return asked(() => crypto.decryptAesGcm(bytes(key), bytes(nonce), bytes(associated), bytes(ciphertext)), failure);
}

// RSAES-OAEP with SHA-256 to the RSA key of a public JWK or of a certificate in PEM.
export function encryptRsaOaep(recipient, plain) {
  return asked(() => crypto.encryptRsaOaep(json(recipient), bytes(plain)), failure);
}

// A compact JWE (RFC 7516) with A256GCM to the key of a public JWK or of a certificate in PEM.
export function encryptJwe(recipient, plain, contentType) {
  return asked(() => crypto.encryptJwe(json(recipient), contentType, bytes(plain)), failure);
}

// What was encrypted to the granted `key`.
export function decryptJwe(key, jwe) {
  return asked(() => crypto.decryptJwe(key, jwe), failure);
}

// What a certificate in PEM or DER says; whether it is to be trusted is the caller's to decide.
export function readCertificate(certificate) {
  return asked(() => crypto.readCertificate(bytes(certificate)), failure);
}

function json(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

// The payload of a compact JWS whose signature verifies under one key of the JWK set (RFC 7517 section 5) `keySet`.
export function verifyJws(jws, keySet) {
  return asked(() => crypto.verifyJws(jws, json(keySet)), failure);
}

// Octets in lower-case hexadecimal digits.
export function hex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

// The seed of QuickJS is drawn when the plugin is built, so that its Math.random says the same in every call. Ours asks the host.
Math.random = () => random(6).reduce((value, octet) => (value + octet) / 256, 0);

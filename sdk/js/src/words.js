// The words that every role shares (`esignet:types`), as the contract has them.

import { bytes } from "./bytes.js";

export function attribute(name, value) {
  return { name, value: String(value) };
}

// `{ length: 6 }` or a list of attributes, as a list of attributes.
export function attributes(values = []) {
  return Array.isArray(values) ? values : Object.entries(values).map(([name, value]) => attribute(name, value));
}

// Words for a person: the host's entry for `key` in the person's language, or `text` where it has none.
export function message(key, text, values = []) {
  return { key, text, arguments: attributes(values) };
}

// Why the person or the credential was not accepted.
export function rejection(reason, { attemptsLeft = null, retryAfterSeconds = null } = {}) {
  return { reason, attemptsLeft, retryAfterSeconds };
}

// What a factor collected, for the ID system to judge.
export function proof(factor, format, value, values = []) {
  return { factor, format, value: bytes(value), attributes: attributes(values) };
}

// What a factor judged itself, with the authentication method references (RFC 8176) that it claims.
export function evidence(factor, amr, values = []) {
  return { factor, amr, attributes: attributes(values) };
}

// Small values that outlive a call, in a space of the plugin's own, shared by all nodes.

import { bytes } from "./bytes.js";
import { Internal, Unavailable } from "./failure.js";
import { asked, cache } from "./host.js";

function failure(tag, limit) {
  if (tag === "quota") return new Internal("the plugin's cache is full");
  if (tag === "too-large") return new Internal(`a cache value is larger than ${limit} bytes`);
  return new Unavailable("the plugin's cache cannot be reached");
}

// The octets kept under `key`; `undefined` if there are none or their time is over.
export function get(key) {
  return asked(() => cache.get(key), failure) ?? undefined;
}

// Keeps `value` under `key` for `ttlSeconds`.
export function put(key, value, ttlSeconds) {
  asked(() => cache.put(key, bytes(value), ttlSeconds), failure);
}

// Keeps `value` under `key` unless there is one already; true for exactly one caller.
export function putIfAbsent(key, value, ttlSeconds) {
  return asked(() => cache.putIfAbsent(key, bytes(value), ttlSeconds), failure);
}

// Reads the value of `key` by spending it: exactly one caller gets it.
export function take(key) {
  return asked(() => cache.take(key), failure) ?? undefined;
}

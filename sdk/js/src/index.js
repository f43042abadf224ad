// Everything a plugin needs, in one import. Each module says what it is for; shapes are in index.d.ts.

export * as cache from "./cache.js";
export * as clock from "./clock.js";
export * as config from "./config.js";
export * as crypto from "./crypto.js";
export * as http from "./http.js";
export * as log from "./log.js";
export { auditSink } from "./audit.js";
export { keyBinder } from "./binder.js";
export { bytes, fromJson, text } from "./bytes.js";
export { Failure, Internal, Misconfigured, Rejected, Unavailable, Unsupported } from "./failure.js";
export { captcha, challenge } from "./captcha.js";
export { answer, authFactor, ask, delegate, deliverOtp, field, form, pause, proved, refused } from "./factor.js";
export { idSystem } from "./identity.js";
export { notifier } from "./notifier.js";
export { attribute, evidence, message, proof, rejection } from "./words.js";

// The host's imports, as the component has them. The only file that knows their names.

import cache from "esignet:host/cache@0.1.0";
import clock from "esignet:host/clock@0.1.0";
import config from "esignet:host/config@0.1.0";
import crypto from "esignet:host/crypto@0.1.0";
import http from "esignet:host/http@0.1.0";
import log from "esignet:host/log@0.1.0";

export { cache, clock, config, crypto, http, log };

// Calls the host; what it throws, `{ tag, val }` in `payload`, becomes what `failure` makes of it.
export function asked(call, failure) {
  try {
    return call();
  } catch (error) {
    const { tag, val } = error?.payload ?? {};
    throw typeof (tag ?? error?.payload) === "string" ? failure(tag ?? error.payload, val) : error;
  }
}

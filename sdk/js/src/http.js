// Requests to the servers the operator named. A plugin says `register`; where that is, how it is trusted and how we log in
// to it is the operator's.

import { bytes, fromJson } from "./bytes.js";
import { Internal, Misconfigured, Unavailable } from "./failure.js";
import { asked, http } from "./host.js";

function failure(tag, val) {
  if (tag === "denied") return new Misconfigured(val);
  if (tag === "invalid") return new Internal(val);
  if (tag === "timeout") return new Unavailable("the upstream did not answer in time");
  if (tag === "too-large") return new Unavailable(`the upstream's answer is larger than ${val} bytes`);
  return new Unavailable(val);
}

// The server that the operator configured as `name`.
export function upstream(name) {
  const request = (method, path, options) => new Response(asked(() => http.fetch(built(name, method, path, options)), failure));
  return {
    request,
    get: (path, options) => request("GET", path, options),
    post: (path, options) => request("POST", path, options),
    put: (path, options) => request("PUT", path, options),
  };
}

// Makes `[{ upstream, method, path, …options }]` in parallel, and answers in that order with responses and failures.
export function sendAll(requests) {
  const all = requests.map(({ upstream, method, path, ...options }) => built(upstream, method, path, options));
  return http.fetchAll(all).map(({ tag, val }) => (tag === "ok" ? new Response(val) : failure(val.tag ?? val, val.val)));
}

function built(upstream, method, path, { query = {}, headers = {}, json, body, timeoutMs = null } = {}) {
  const fields = Object.entries(headers);
  if (json !== undefined) fields.push(["content-type", "application/json"]);
  const content = json !== undefined ? bytes(JSON.stringify(json)) : bytes(body);
  return { upstream, method, path, query: Object.entries(query), headers: fields, body: content, timeoutMs };
}

// What a server answered. A status of 400 or more is an answer, not an error.
export class Response {
  constructor({ status, headers, body }) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  // The first header field of that name, in any case of letters.
  header(name) {
    return this.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }

  // Itself, if its status is 200 to 299.
  success() {
    if (this.status < 200 || this.status > 299) throw new Unavailable(`the upstream answered ${this.status}`);
    return this;
  }

  // The content as JSON. What is wrong with it is not told: it may have a person in it.
  json() {
    try {
      return fromJson(this.body);
    } catch {
      throw new Unavailable("the upstream's answer is not JSON");
    }
  }
}

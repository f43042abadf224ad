// Why there is no answer: throw one of these. Texts go to the operator's log, never to a page, and never have anything of a
// person in them.

import { rejection } from "./words.js";

export class Failure extends Error {
  constructor(tag, val) {
    super(typeof val === "string" ? val : val.reason);
    this.name = this.constructor.name;
    // As the contract has it.
    this.failure = { tag, val };
  }
}

// The person or the credential is not accepted, for a reason of the open vocabulary ("wrong", "expired", "locked", "unknown").
export class Rejected extends Failure {
  constructor(reason, more) {
    super("rejected", rejection(reason, more));
  }
}

// The ID system or gateway cannot answer now.
export class Unavailable extends Failure {
  constructor(why) {
    super("unavailable", String(why));
  }
}

// The operator must act.
export class Misconfigured extends Failure {
  constructor(what) {
    super("misconfigured", String(what));
  }
}

// This plugin does not do that.
export class Unsupported extends Failure {
  constructor(what) {
    super("unsupported", String(what));
  }
}

// The plugin itself is at fault.
export class Internal extends Failure {
  constructor(what) {
    super("internal", String(what));
  }
}

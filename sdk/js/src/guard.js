// Stands between the contract's functions and the author's: failures become the contract's, and whatever else is thrown is
// reported and becomes `internal`, where it would be a bare trap.

import { Failure } from "./failure.js";
import * as log from "./log.js";

// The author's functions, checked when the plugin is built, as the contract calls them.
export function exported(role, implementation, functions) {
  const missing = Object.keys(functions).filter((name) => typeof implementation?.[name] !== "function");
  if (missing.length > 0) throw new TypeError(`the ${role} has no ${missing.join(", ")}`);
  return Object.fromEntries(
    Object.entries(functions).map(([name, call]) => [
      name,
      (...given) => {
        try {
          return call(implementation, ...given);
        } catch (thrown) {
          throw thrown instanceof Failure ? thrown.failure : reported(name, thrown);
        }
      },
    ]),
  );
}

// What was thrown, by its type and place. Its message may have what a person typed in it and is withheld, but in `describe`,
// which is about nobody.
function reported(name, thrown) {
  const type = thrown instanceof Error ? thrown.name : typeof thrown;
  const at = place(thrown?.stack);
  const message = name === "describe" ? String(thrown?.message ?? thrown) : "(withheld: it may have values in it)";
  log.error("plugin-threw", { type, at, message, function: name });
  return { tag: "internal", val: `${type} in ${name} at ${at}${name === "describe" ? `: ${message}` : ""}` };
}

// The `plugin.js:7:31` of the first line of a stack that is not of this package.
function place(stack) {
  const lines = String(stack ?? "").split("\n").filter((line) => /^\s*at /.test(line));
  const line = lines.find((line) => !line.includes("node_modules/@esignet/")) ?? lines[0] ?? "";
  return /([^/\\(\s]+:\d+(?::\d+)?)\)?\s*$/.exec(line)?.[1] ?? "an unknown place";
}

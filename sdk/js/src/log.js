// The plugin's log. An event is a short constant name in kebab-case; fields carry the rest. What a person typed, codes,
// tokens, claims and identifiers do not belong in a log: the host redacts what it recognises, and cannot recognise everything.

import { log } from "./host.js";

export function debug(event, fields) {
  write("debug", event, fields);
}

export function info(event, fields) {
  write("info", event, fields);
}

export function warn(event, fields) {
  write("warn", event, fields);
}

export function error(event, fields) {
  write("error", event, fields);
}

function write(level, event, fields = {}) {
  log.log(level, event, Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

// QuickJS has no console. Libraries that use one get lines in the log.
function line(level) {
  return (...values) => write(level, "console", { line: values.map(String).join(" ") });
}
globalThis.console ??= {
  debug: line("debug"),
  log: line("info"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

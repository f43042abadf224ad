// The plugin's own settings from the operator's file.

import { Misconfigured } from "./failure.js";
import { config } from "./host.js";

// The setting `key`: a string as it stands, anything else as JSON text; `undefined` if the operator did not set it.
export function get(key) {
  return config.get(key) ?? undefined;
}

// The setting `key` as the value that JSON has for it; `otherwise` if the operator did not set it.
export function parse(key, otherwise) {
  const setting = get(key);
  if (setting === undefined) return otherwise;
  try {
    return JSON.parse(setting);
  } catch {
    throw new Misconfigured(`the plugin's config key \`${key}\` is not as expected`);
  }
}

// The setting `key` as text, which the plugin cannot do without.
export function required(key) {
  const setting = get(key);
  if (setting === undefined) throw new Misconfigured(`set the plugin's config key \`${key}\``);
  return setting;
}

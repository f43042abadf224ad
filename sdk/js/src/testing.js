// For tests outside the sandbox: `node --import @esignet/plugin-sdk/testing --test`. The host's imports become functions of
// `globalThis.esignetHost`, which a test sets: `esignetHost.config = { get: () => undefined }`.

import { register } from "node:module";

globalThis.esignetHost ??= { log: { log() {} } };

const hooks = `
export function resolve(specifier, context, next) {
  const host = /^esignet:host\\/([a-z]+)@/.exec(specifier);
  if (!host) return next(specifier, context);
  const source = "export default new Proxy({}, { get: (_, name) => (...given) => globalThis.esignetHost." + host[1] + "[name](...given) });";
  return { url: "data:text/javascript," + encodeURIComponent(source), shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

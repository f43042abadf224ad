// Octets and text. QuickJS has no TextEncoder and no TextDecoder, so here are those that there are: UTF-8, whole input.

// What the contract has octets for: octets as they stand, a string as UTF-8, anything else as JSON.
export function bytes(value) {
  if (value instanceof Uint8Array) return value;
  if (value === undefined || value === null) return new Uint8Array();
  return encoded(typeof value === "string" ? value : JSON.stringify(value));
}

// UTF-8 as text; what is no UTF-8 becomes U+FFFD.
export function text(octets) {
  return decoded(octets);
}

// The deepest that JSON from outside is nested: a parser calls itself for each level, and the sandbox has little stack.
const DEEPEST = 128;

// JSON as a value. Throws a SyntaxError if it is none, or nested deeper than 128 levels.
export function fromJson(octets) {
  const text = decoded(octets);
  if (depth(text) > DEEPEST) throw new SyntaxError(`the JSON is nested deeper than ${DEEPEST} levels`);
  return JSON.parse(text);
}

// How deep arrays and objects are nested, brackets in strings left out.
function depth(json) {
  let deepest = 0;
  let open = 0;
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"?|[[\]{}]/gs)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++open);
    else if (token === "]" || token === "}") open -= 1;
  }
  return deepest;
}

function encoded(string) {
  const out = [];
  for (const character of string) {
    let point = character.codePointAt(0);
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) out.push(point);
    else if (point < 0x800) out.push(0xc0 | (point >> 6), trail(point));
    else if (point < 0x10000) out.push(0xe0 | (point >> 12), trail(point >> 6), trail(point));
    else out.push(0xf0 | (point >> 18), trail(point >> 12), trail(point >> 6), trail(point));
  }
  return Uint8Array.from(out);
}

function trail(point) {
  return 0x80 | (point & 0x3f);
}

// How many octets follow the first, the bits of it that count, and the least code point that needs as many.
function lead(octet) {
  if (octet >= 0xc2 && octet <= 0xdf) return [1, octet & 0x1f, 0x80];
  if (octet >= 0xe0 && octet <= 0xef) return [2, octet & 0x0f, 0x800];
  if (octet >= 0xf0 && octet <= 0xf4) return [3, octet & 0x07, 0x10000];
  return [0, 0xfffd, 0];
}

function decoded(octets) {
  let out = "";
  for (let at = 0; at < octets.length; ) {
    const first = octets[at++];
    if (first < 0x80) {
      out += String.fromCharCode(first);
      continue;
    }
    let [following, point, least] = lead(first);
    let taken = 0;
    while (taken < following && (octets[at + taken] & 0xc0) === 0x80) {
      point = (point << 6) | (octets[at + taken++] & 0x3f);
    }
    const whole = taken === following && point >= least && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    if (whole) at += taken;
    out += String.fromCodePoint(whole ? point : 0xfffd);
  }
  return out;
}

// For libraries that expect them.
globalThis.TextEncoder ??= class TextEncoder {
  get encoding() {
    return "utf-8";
  }
  encode(string = "") {
    return encoded(String(string));
  }
};
globalThis.TextDecoder ??= class TextDecoder {
  constructor(label = "utf-8") {
    if (!/^utf-?8$/i.test(label)) throw new RangeError("this runtime decodes UTF-8 only");
  }
  get encoding() {
    return "utf-8";
  }
  decode(octets = new Uint8Array()) {
    return decoded(ArrayBuffer.isView(octets) ? new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength) : new Uint8Array(octets));
  }
};

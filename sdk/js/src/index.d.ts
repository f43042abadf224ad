// Shapes of the SDK. The words themselves are explained in `wit/`.

/** Octets as they stand, a string as UTF-8, anything else as JSON. */
export type Bytes = Uint8Array | string | object;
/** A named value with an open vocabulary. */
export interface Attribute { name: string; value: string }
export type Attributes = Attribute[] | Record<string, string | number>;

/** One login as every call of it sees it. */
export interface Caller {
  transaction: string;
  shortTransaction: string;
  relyingParty: string;
  client: string;
  /** BCP 47: the language the person reads. */
  locale: string;
  /** BCP 47: the languages claims are wanted in, best first. Never empty. */
  claimsLocales: string[];
  attributes: Attribute[];
}
/** The person's identifier as typed. */
export interface Individual { kind: string; value: string; attributes: Attribute[] }
export interface Proof { factor: string; format: string; value: Uint8Array; attributes: Attribute[] }
export interface Evidence { factor: string; amr: string[]; attributes: Attribute[] }
export interface Message { key: string; text: string; arguments: Attribute[] }
export interface MaskedTarget { channel: string; masked: string }
export interface OtpReceipt { targets: MaskedTarget[]; validSeconds: number; resendAfterSeconds: number }
/** "wrong", "expired", "locked", "unknown", … */
export interface Rejection { reason: string; attemptsLeft: number | null; retryAfterSeconds: number | null }
export interface RejectionMore { attemptsLeft?: number | null; retryAfterSeconds?: number | null }

export function attribute(name: string, value: string | number): Attribute;
export function message(key: string, text: string, values?: Attributes): Message;
export function rejection(reason: string, more?: RejectionMore): Rejection;
export function proof(factor: string, format: string, value: Bytes, values?: Attributes): Proof;
export function evidence(factor: string, amr: string[], values?: Attributes): Evidence;

/** Octets of a value, their text, their JSON. */
export function bytes(value: Bytes | null | undefined): Uint8Array;
export function text(octets: Uint8Array): string;
export function fromJson(octets: Uint8Array): any;

/** Throw one of these; anything else that is thrown is reported to the log and becomes `Internal`. */
export class Failure extends Error {}
export class Rejected extends Failure { constructor(reason: string, more?: RejectionMore) }
export class Unavailable extends Failure { constructor(why: string) }
export class Misconfigured extends Failure { constructor(what: string) }
export class Unsupported extends Failure { constructor(what: string) }
export class Internal extends Failure { constructor(what: string) }

export interface JudgedFactor { factor: string; formats: string[] }
/** OpenID Connect for Identity Assurance 1.0, section 8. */
export interface VerifiedOffer {
  trustFrameworks: string[];
  claims: string[];
  evidence: string[];
  documents: string[];
  documentsMethods: string[];
  documentsCheckMethods: string[];
  electronicRecords: string[];
}
export interface IdSystemDescriptor {
  factors: JudgedFactor[];
  individualKinds: string[];
  otpChannels?: string[];
  claims?: string[];
  claimsLocales?: string[];
  verified?: VerifiedOffer | null;
  attributes?: Attribute[];
}
export interface ClaimStatus { claim: string; available?: boolean; verified?: boolean; attributes?: Attribute[] }
export interface Authenticated {
  /** The ID system's stable name for the person; the host derives from it what a relying party sees. */
  subject: string;
  partnerSpecific?: boolean;
  /** Sealed by the host, and brought back to `releaseClaims`. At most 4 KiB. */
  continuation: Bytes;
  claims?: ClaimStatus[];
  attributes?: Attribute[];
}
export interface ClaimsRequest { claims: string[]; verifiedClaims: object[] }
/** Every call runs in a fresh instance, so nothing is remembered but the continuation. */
export interface IdSystem {
  /** Asked once, when the plugin is loaded: the place to check the configuration. */
  describe(): IdSystemDescriptor;
  /** Answer for someone unknown as for someone known. */
  sendOtp(caller: Caller, individual: Individual, channels: string[]): OtpReceipt;
  /** Judges all factors of one login together. */
  authenticate(caller: Caller, individual: Individual, proofs: Proof[], evidence: Evidence[]): Authenticated;
  /** The claims the person agreed to release, by their OpenID Connect names. */
  releaseClaims(caller: Caller, continuation: Uint8Array, request: ClaimsRequest): Record<string, unknown>;
}
export function idSystem(implementation: IdSystem): object;

export interface AuthFactorDescriptor {
  factor: string;
  amr: string[];
  needsIndividual?: boolean;
  attributes?: Attribute[];
}
export interface Field {
  name: string;
  /** "text", "otp", "pin", "password", "date", "choice", "checkbox", "phone", "notice", "image" */
  kind: string;
  label: Message;
  hint: Message | null;
  required: boolean;
  constraints: Attribute[];
}
export interface Form { title: Message; fields: Field[]; submit: Message; resendAfterSeconds: number | null }
export interface Answer { name: string; value: Uint8Array }
export type Input =
  | { tag: "answers"; val: Answer[] }
  | { tag: "resend" }
  | { tag: "otp-sent"; val: OtpReceipt }
  | { tag: "otp-not-sent"; val: Rejection }
  | { tag: "waited" }
  | { tag: "rejected"; val: Rejection };
export interface Step { tag: string; val: unknown }
/** Every call runs in a fresh instance, so nothing is remembered but the state of the last step. */
export interface AuthFactor {
  /** Asked once, when the plugin is loaded: the place to check the configuration. */
  describe(): AuthFactorDescriptor;
  begin(caller: Caller, individual: Individual | undefined): Step;
  resume(caller: Caller, individual: Individual | undefined, state: Uint8Array, input: Input): Step;
}
export function authFactor(implementation: AuthFactor): object;
export function form(title: Message, submit: Message, fields: Field[], more?: { resendAfterSeconds?: number }): Form;
export function field(
  name: string,
  kind: string,
  label: Message,
  more?: { hint?: Message; required?: boolean; constraints?: Attributes },
): Field;
export function ask(form: Form, state?: Bytes, because?: Rejection | null): Step;
export function deliverOtp(channels: string[], state?: Bytes): Step;
export function pause(seconds: number, message: Message, state?: Bytes): Step;
export function proved(evidence: Evidence): Step;
export function delegate(proof: Proof, state?: Bytes): Step;
export function refused(reason: string, more?: RejectionMore): Step;
export function answer(answers: Answer[], name: string): Uint8Array | undefined;

/** A question for whoever is at the browser; `state` comes back with the answers. */
export interface Challenge { form: Form; state: Uint8Array }
/** Every call runs in a fresh instance, so nothing is remembered but the state of the challenge. */
export interface Captcha {
  /** Asked once, when the plugin is loaded: the place to check the configuration. */
  describe?(): { attributes?: Attribute[] };
  /** A new challenge, also in place of one that the person cannot read. */
  begin(caller: Caller): Challenge;
  /** Judges the answers, which come once. Throw `Rejected` if they are not right: a new challenge begins. */
  verify(caller: Caller, state: Uint8Array, answers: Answer[]): void;
}
export function captcha(implementation: Captcha): object;
export function challenge(form: Form, state?: Bytes): Challenge;

/** Something the person should know. `id` is the same when it is brought again. */
export interface Notice {
  id: string;
  /** "signed-in", "consent-given", … */
  event: string;
  /** Seconds since 1970. */
  at: number;
  subject: string;
  locale: string;
  client: string;
  relyingPartyName: string;
  attributes: Attribute[];
}
export interface Notifier {
  /** What it wants to hear of. Asked once, when the plugin is loaded: the place to check the configuration. */
  describe(): { events: string[]; attributes?: Attribute[] };
  /** Throw `Unavailable` to have it brought again some times; after any other failure it is given up. */
  notify(notice: Notice): void;
}
export function notifier(implementation: Notifier): object;

/** How many events it takes in one call: 1 to 1,000. */
export interface AuditSinkDescriptor { batch: number; attributes?: Attribute[] }
/** Something that happened. `hash` is over the one before it and everything else here. */
export interface Event {
  sequence: bigint;
  atMs: bigint;
  action: string;
  outcome: string;
  transaction: string;
  client: string;
  person?: string;
  attributes: Attribute[];
  hash: Uint8Array;
}
/** Every call runs in a fresh instance, so nothing is remembered: where a log is, the host knows. */
export interface AuditSink {
  describe(): AuditSinkDescriptor;
  /** Stores events of one log in order, some perhaps again; answers up to which number everything is safely stored. */
  write(log: string, events: Event[]): bigint | number;
}
export function auditSink(implementation: AuditSink): object;

export interface KeyBinderDescriptor {
  /** JWS algorithms whose keys it binds. */
  algorithms: string[];
  /** Formats of what it answers: "x509-pem", "jwt". */
  formats: string[];
  attributes?: Attribute[];
}
/** Who signed in, and how well. `continuation` is empty unless this plugin is the ID system of the login, too. */
export interface Person {
  subject: string;
  continuation: Uint8Array;
  acr: string;
  amr: string[];
  authenticatedAt: bigint;
}
export interface Binding {
  format: string;
  credential: string;
  id: string;
  /** Seconds since 1970. */
  expiresAt: bigint | number;
  attributes?: Attribute[];
}
export interface KeyBinder {
  describe(): KeyBinderDescriptor;
  /** Binds a key whose possession was shown to the host. The same key for the same person is bound anew. */
  bind(caller: Caller, person: Person, publicJwk: object): Binding;
}
export function keyBinder(implementation: KeyBinder): object;

export interface RequestOptions {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** The content as JSON, or as it stands. */
  json?: unknown;
  body?: Bytes;
  timeoutMs?: number;
}
export class Response {
  status: number;
  headers: [string, string][];
  body: Uint8Array;
  header(name: string): string | undefined;
  /** Throws `Unavailable` unless the status is 200 to 299. */
  success(): Response;
  json(): any;
}
export interface Upstream {
  request(method: string, path: string, options?: RequestOptions): Response;
  get(path: string, options?: RequestOptions): Response;
  post(path: string, options?: RequestOptions): Response;
  put(path: string, options?: RequestOptions): Response;
}
export declare namespace http {
  function upstream(name: string): Upstream;
  function sendAll(requests: ({ upstream: string; method: string; path: string } & RequestOptions)[]): (Response | Failure)[];
}
export declare namespace config {
  function get(key: string): string | undefined;
  function parse<T = any>(key: string, otherwise?: T): T;
  function required(key: string): string;
}
export type Fields = Record<string, string | number | boolean>;
export declare namespace log {
  function debug(event: string, fields?: Fields): void;
  function info(event: string, fields?: Fields): void;
  function warn(event: string, fields?: Fields): void;
  function error(event: string, fields?: Fields): void;
}
export declare namespace clock {
  function now(): number;
}
export declare namespace crypto {
  function random(length: number): Uint8Array;
  function digest(algorithm: "sha256" | "sha384" | "sha512", data: Bytes): Uint8Array;
  function sha256(data: Bytes): Uint8Array;
  function hmac(key: string, data: Bytes): Uint8Array;
  function equal(a: Bytes, b: Bytes): boolean;
  function signJws(key: string, payload: Bytes, header?: Record<string, string>, options?: Certificates): string;
  function signDetachedJws(key: string, payload: Bytes, header?: Record<string, string>, options?: Certificates): string;
  function seal(key: string, associated: Bytes, plain: Bytes): Uint8Array;
  function open(key: string, associated: Bytes, sealed: Bytes): Uint8Array;
  function encryptAesGcm(key: Bytes, nonce: Bytes, associated: Bytes, plain: Bytes): Uint8Array;
  function decryptAesGcm(key: Bytes, nonce: Bytes, associated: Bytes, ciphertext: Bytes): Uint8Array;
  function encryptRsaOaep(recipient: string | object, plain: Bytes): Uint8Array;
  function encryptJwe(recipient: string | object, plain: Bytes, contentType?: string): string;
  function decryptJwe(key: string, jwe: string): Uint8Array;
  function readCertificate(certificate: Bytes): Certificate;
  /** Whether the certificates that the operator gave with the key travel in `x5c`. */
  interface Certificates {
    certificates?: boolean;
  }
  /** As far as anybody can read it; times are seconds since 1970 as bigint. */
  interface Certificate {
    subject: string;
    issuer: string;
    serialNumber: string;
    notBefore: bigint;
    notAfter: bigint;
    thumbprint: Uint8Array;
    publicJwk?: string;
  }
  function verifyJws(jws: string, keySet: string | object): Uint8Array;
  function hex(octets: Uint8Array): string;
}
export declare namespace cache {
  function get(key: string): Uint8Array | undefined;
  function put(key: string, value: Bytes, ttlSeconds: number): void;
  function putIfAbsent(key: string, value: Bytes, ttlSeconds: number): boolean;
  function take(key: string): Uint8Array | undefined;
}

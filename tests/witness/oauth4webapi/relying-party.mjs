// A relying party over oauth4webapi: each step is the library's own function, with room for a case to spoil one thing.

import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

import { Answered } from '../cases.mjs';
import { signIn } from '../sign-in.mjs';

export const insecure = { [oauth.allowInsecureRequests]: true };

/** How often a nonce for DPoP proofs was asked for (RFC 9449 §8). */
export const nonces = { asked: 0 };

/** What a client has registered of encrypted answers (OIDC Registration §2). */
const ENCRYPTION = ['id_token', 'userinfo'].flatMap((what) =>
  ['alg', 'enc'].map((part) => `${what}_encrypted_response_${part}`));

export class RelyingParty {
  constructor(as, registered, key) {
    this.as = as;
    this.registered = registered;
    this.client = {
      client_id: registered.client_id,
      id_token_signed_response_alg: registered.id_token_signed_response_alg ?? 'ES256',
      authorization_signed_response_alg: registered.authorization_signed_response_alg ?? 'ES256',
      require_signed_request_object: registered.profile === 'fapi2-message-signing',
    };
    this.key = key;
    for (const name of ENCRYPTION) if (registered[name]) this.client[name] = registered[name];
    this.auth = oauth.PrivateKeyJwt(key);
  }

  static async of(as, registered) {
    const jwk = registered.jwks.keys.find(({ use }) => use !== 'enc');
    return new RelyingParty(as, registered, { key: await jose.importJWK(jwk, jwk.alg), kid: jwk.kid });
  }

  get redirectUri() {
    return this.registered.redirect_uris[0];
  }

  /** Opens what was encrypted to this client. */
  get decryption() {
    const decrypt = async (jwe) => {
      const { alg } = jose.decodeProtectedHeader(jwe);
      const jwk = this.registered.jwks.keys.find(({ use }) => use === 'enc');
      const { plaintext } = await jose.compactDecrypt(jwe, await jose.importJWK(jwk, alg));
      return new TextDecoder().decode(plaintext);
    };
    return { [oauth.jweDecrypt]: decrypt };
  }

  /** A key for DPoP proofs, and whatever is to be wrong with them. */
  async dpop(spoil, alg = 'ES256') {
    return oauth.DPoP(this.client, await oauth.generateKeyPair(alg), spoil && { [oauth.modifyAssertion]: spoil });
  }

  /** Client authentication with something wrong in the assertion. */
  assertion(spoil) {
    return oauth.PrivateKeyJwt(this.key, { [oauth.modifyAssertion]: spoil });
  }

  /** The parameters of a good request, with `changes`; `undefined` leaves a parameter out. */
  async parameters(changes = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const all = {
      client_id: this.client.client_id,
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid profile email',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      ...changes,
    };
    const parameters = new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined));
    return { verifier, state: all.state, nonce: all.nonce, parameters };
  }

  /** Pushes a request; gives what the login will need. */
  async push(changes = {}, { auth = this.auth, DPoP, fetch } = {}) {
    const request = await this.parameters(changes);
    const handle = DPoP === null ? undefined : DPoP ?? (await this.dpop());
    const options = { ...insecure, DPoP: handle, ...(fetch && { [oauth.customFetch]: fetch }) };
    const pushed = await withNonce(async () => {
      const response = await oauth.pushedAuthorizationRequest(this.as, this.client, auth, request.parameters, options);
      return oauth.processPushedAuthorizationResponse(this.as, this.client, response);
    });
    return { ...request, ...pushed, DPoP: handle };
  }

  /** Where the browser goes. */
  url({ request_uri }) {
    const url = new URL(this.as.authorization_endpoint);
    url.searchParams.set('client_id', this.client.client_id);
    url.searchParams.set('request_uri', request_uri);
    return url;
  }

  /** Pushes, signs in, and checks the response: `iss` and `state` are compared by the library. */
  async login(person, changes = {}, { decision = 'allow', ...options } = {}) {
    const request = await this.push(changes, options);
    const returned = await signIn(this.url(request), person, decision);
    return { ...request, returned, callback: this.callback(returned, request.state) };
  }

  callback(returned, state) {
    return oauth.validateAuthResponse(this.as, this.client, returned, state);
  }

  /** Exchanges the code; gives the tokens, with what the library needs to check their signatures. */
  async redeem(login, changes = {}) {
    const { auth = this.auth, DPoP = login.DPoP, fetch, requireIdToken = true } = changes;
    const verifier = changes.verifier ?? login.verifier;
    const redirectUri = changes.redirectUri ?? this.redirectUri;
    const options = { ...insecure, ...(DPoP && { DPoP }), ...(fetch && { [oauth.customFetch]: fetch }) };
    return withNonce(async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        this.as, this.client, auth, login.callback, redirectUri, verifier, options);
      const checks = { ...this.decryption, expectedNonce: changes.nonce ?? login.nonce, requireIdToken };
      const tokens = await oauth.processAuthorizationCodeResponse(
        this.as, this.client, response, requireIdToken ? checks : {});
      return { ...tokens, response, claims: oauth.getValidatedIdTokenClaims(tokens) };
    });
  }

  async userinfo(token, subject, { DPoP, fetch } = {}) {
    const options = { ...insecure, ...(DPoP && { DPoP }), ...(fetch && { [oauth.customFetch]: fetch }) };
    return withNonce(async () => {
      const response = await oauth.userInfoRequest(this.as, this.client, token, options);
      return oauth.processUserInfoResponse(this.as, this.client, subject, response, this.decryption);
    });
  }

  /** Opens an authorization URL as a browser would, without a person: for what is refused at once. */
  async open(url) {
    const response = await fetch(url, { redirect: 'manual' });
    if (response.status !== 303) throw new Answered(`page ${response.status}`);
    const location = new URL(response.headers.get('location'), url);
    if (location.origin === url.origin) throw new Answered(`redirect ${location.pathname}`);
    return location;
  }
}

/** Does it again with the nonce that the handle has kept, if one was asked for (RFC 9449 §8). */
async function withNonce(attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    nonces.asked += 1;
    return attempt();
  }
}

/** A fetch that changes one thing of the request that the library has made. */
export function spoiled(change) {
  return (url, options) => {
    const request = { url: new URL(url), ...options, headers: new Headers(options.headers) };
    if (typeof options.body?.entries === 'function') request.body = new URLSearchParams(options.body);
    const changed = change(request) ?? request;
    return fetch(changed.url, changed);
  };
}

/** A fetch that keeps what goes by, for a case to send a part of it again. */
export function recorded(seen) {
  return (url, options) => {
    const headers = new Headers(options.headers);
    seen.push({ url, headers, body: new URLSearchParams(options.body ?? '') });
    return fetch(url, options);
  };
}

// A login with oauth4webapi. docs/relying-parties/libraries.md shows this file; quickstart.mjs runs it.

import * as oauth from 'oauth4webapi';

/** Once, when the service starts. `jwk` is its private key, as generated; `kid` in it is the one that was registered. */
export async function configure(issuer, clientId, jwk) {
  // http is for a server on this machine only.
  const options = { [oauth.allowInsecureRequests]: issuer.startsWith('http:') };
  const url = new URL(issuer);
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const client = { client_id: clientId, id_token_signed_response_alg: 'ES256' };
  const auth = oauth.PrivateKeyJwt({ key, kid: jwk.kid });
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  return { as, client, auth, options: { ...options, DPoP } };
}

/** When somebody wants to sign in. Send the browser to `url`; keep `checks` in its session. */
export async function begin({ as, client, auth, options }, redirectUri) {
  const checks = {
    redirectUri,
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const parameters = {
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile',
    claims: JSON.stringify({ userinfo: { name: { essential: true } } }),
    code_challenge: await oauth.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    state: checks.state,
    nonce: checks.nonce,
  };
  const { request_uri } = await again(async () =>
    oauth.processPushedAuthorizationResponse(as, client,
      await oauth.pushedAuthorizationRequest(as, client, auth, parameters, options)));
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri });
  return { url, checks };
}

/** When the browser comes back. `callbackUrl` is the whole URL that it asked for. */
export async function finish({ as, client, auth, options }, callbackUrl, checks) {
  const callback = oauth.validateAuthResponse(as, client, callbackUrl, checks.state);
  const tokens = await again(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      as, client, auth, callback, checks.redirectUri, checks.verifier, options);
    const expected = { expectedNonce: checks.nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, expected);
    await oauth.validateApplicationLevelSignature(as, response, options);
    return tokens;
  });
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  return again(async () =>
    oauth.processUserInfoResponse(as, client, sub,
      await oauth.userInfoRequest(as, client, tokens.access_token, options)));
}

/** A server may want a nonce in the proof; the library has kept it by then (RFC 9449 §8). */
async function again(attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return attempt();
  }
}

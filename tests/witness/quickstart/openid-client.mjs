// A login with openid-client. docs/relying-parties/libraries.md shows this file; quickstart.mjs runs it.

import * as client from 'openid-client';

/** Once, when the service starts. `jwk` is its private key, as generated; `kid` in it is the one that was registered. */
export async function configure(issuer, clientId, jwk) {
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const metadata = {
    id_token_signed_response_alg: 'ES256',
    require_pushed_authorization_requests: true,
  };
  // http is for a server on this machine only.
  const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
  const config = await client.discovery(
    new URL(issuer), clientId, metadata, client.PrivateKeyJwt({ key, kid: jwk.kid }), { execute });
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
  return { config, DPoP };
}

/** When somebody wants to sign in. Send the browser to `url`; keep `checks` in its session. */
export async function begin({ config, DPoP }, redirectUri) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const url = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    claims: JSON.stringify({ userinfo: { name: { essential: true } } }),
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  }, { DPoP });
  return { url, checks };
}

/** When the browser comes back. `callbackUrl` is the whole URL that it asked for. */
export async function finish({ config, DPoP }, callbackUrl, checks) {
  const tokens = await client.authorizationCodeGrant(config, callbackUrl, checks, undefined, { DPoP });
  const { sub } = tokens.claims();
  return client.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
}

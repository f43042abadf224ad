// Client authentication that must fail (RFC 7523 §3, OIDC Core §9, FAPI 2.0 SP §5.3.2.1), at PAR and at the token endpoint.

import * as oauth from 'oauth4webapi';

import { insecure, recorded, spoiled } from './relying-party.mjs';

export async function assertions(cases, rp, other) {
  const refused = (what, auth, expected = '401 invalid_client', options = {}) =>
    cases.refused(`assertion: ${what}`, expected, () => rp.push({}, { auth, ...options }));
  const spoil = (what, change) => refused(what, rp.assertion(change));
  const { issuer, token_endpoint, pushed_authorization_request_endpoint } = rp.as;

  await spoil('aud is the token endpoint', (_, claims) => { claims.aud = token_endpoint; });
  await spoil('aud is the PAR endpoint', (_, claims) => { claims.aud = pushed_authorization_request_endpoint; });
  await spoil('aud is an array with the issuer', (_, claims) => { claims.aud = [issuer]; });
  await spoil('aud is the issuer with a slash', (_, claims) => { claims.aud = `${issuer}/`; });
  await spoil('no aud', (_, claims) => { delete claims.aud; });
  await spoil('iss is another client', (_, claims) => { claims.iss = other.client.client_id; });
  await spoil('sub is another client', (_, claims) => { claims.sub = other.client.client_id; });
  await spoil('sub is nobody', (_, claims) => { claims.sub = claims.iss = 'nobody'; });
  await spoil('expired', (_, claims) => { claims.exp = claims.iat - 60; });
  await spoil('good for an hour', (_, claims) => { claims.exp = claims.iat + 3600; });
  await spoil('no exp', (_, claims) => { delete claims.exp; });
  await spoil('iat in two minutes', (_, claims) => { claims.iat += 120; });
  await spoil('nbf in two minutes', (_, claims) => { claims.nbf += 120; });
  await spoil('no jti', (_, claims) => { delete claims.jti; });
  await spoil('jti of 1025 characters', (_, claims) => { claims.jti = 'j'.repeat(1025); });
  await spoil('typ says it is a proof', (header) => { header.typ = 'dpop+jwt'; });
  await spoil('typ says it is a request object', (header) => { header.typ = 'oauth-authz-req+jwt'; });
  await spoil('unknown kid', (header) => { header.kid = 'unknown'; });
  await spoil('alg none', (header) => { header.alg = 'none'; });
  await spoil('unknown crit', (header) => { header.crit = ['exp']; });

  const swapped = await oauth.generateKeyPair('ES256');
  const foreign = { key: swapped.privateKey, kid: rp.key.kid };
  await refused('another ES256 key under the same kid', oauth.PrivateKeyJwt(foreign));
  const rsa = await oauth.generateKeyPair('PS256');
  await refused('a PS256 key that is not registered', oauth.PrivateKeyJwt({ key: rsa.privateKey, kid: rp.key.kid }));
  await refused('the key of another client', oauth.PrivateKeyJwt(other.key));

  await refused('a client secret in the body', oauth.ClientSecretPost('secret'));
  await refused('a client secret in the header', oauth.ClientSecretBasic('secret'), '401 basic');
  await refused('a secret as an HMAC key', oauth.ClientSecretJwt('secret-secret-secret-secret-secret'));
  await refused('no client authentication', oauth.None(), '400 invalid_client');
  const both = (as, client, body, headers) => {
    body.set('client_secret', 'secret');
    return rp.auth(as, client, body, headers);
  };
  await refused('two methods at once', both, '400 invalid_request');
  const typed = spoiled((request) => {
    request.body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer');
  });
  await refused('another client_assertion_type', rp.auth, '401 invalid_client', { fetch: typed });

  const seen = [];
  await rp.push({}, { fetch: recorded(seen) });
  const assertion = seen.at(-1).body.get('client_assertion');
  const again = (_as, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', assertion);
  };
  await refused('replayed', again);
  await cases.refused('assertion: replayed at another endpoint', '401 invalid_client', () =>
    atToken(rp, again));
  await cases.refused('assertion: aud is the token endpoint, at the token endpoint', '401 invalid_client', () =>
    atToken(rp, rp.assertion((_, claims) => { claims.aud = token_endpoint; })));
}

/** The token endpoint authenticates before it looks for a code. */
async function atToken(rp, auth) {
  const response = await oauth.genericTokenEndpointRequest(
    rp.as, rp.client, auth, 'authorization_code', { code: 'nobody', redirect_uri: rp.redirectUri }, insecure);
  await oauth.processGenericTokenEndpointResponse(rp.as, rp.client, response);
}

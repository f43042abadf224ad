// Codes that must not become tokens (RFC 6749 §4.1.3 and §5.2, RFC 7636 §4.6, RFC 9449 §5, OIDC Core §3.1.3).

import * as oauth from 'oauth4webapi';

import { insecure, recorded, spoiled } from './relying-party.mjs';

export async function token(cases, rp, other, person, first) {
  const refused = (what, expected, changes, made) =>
    cases.refused(`token: ${what}`, expected, async () => rp.redeem(made ?? (await rp.login(person)), changes));
  const grant = '400 invalid_grant';
  const proof = '400 invalid_dpop_proof';

  const guessed = await rp.login(person);
  await refused('another code_verifier', grant, { verifier: oauth.generateRandomCodeVerifier() }, guessed);
  await refused('the right code_verifier after a wrong one', grant, {}, guessed);
  await refused('no code_verifier', grant, { verifier: oauth.nopkce });
  await refused('another redirect_uri', grant, { redirectUri: other.redirectUri });
  await refused('no redirect_uri', grant, {
    fetch: spoiled((request) => { request.body.delete('redirect_uri'); }),
  });
  await refused('no proof', proof, { DPoP: null });
  await refused('the proof of another key', proof, { DPoP: await rp.dpop() });
  await refused('a proof for another endpoint', proof, {
    DPoP: await rp.dpop((_, claims) => { claims.htu = rp.as.userinfo_endpoint; }),
  });
  await refused('a replayed proof of the right key', proof, {
    fetch: spoiled((request) => { request.headers.set('dpop', first.tokenRequest.headers.get('dpop')); }),
  }, await rp.login(person, {}, { DPoP: first.login.DPoP }));
  await refused('a replayed assertion', '401 invalid_client', {
    fetch: spoiled((request) => {
      request.body.set('client_assertion', first.tokenRequest.body.get('client_assertion'));
    }),
  });
  await refused('library: another nonce', 'library OAUTH_JWT_CLAIM_COMPARISON_FAILED', {
    nonce: oauth.generateRandomNonce(),
  });
  await refused('the code twice in the form', '400 invalid_request', {
    fetch: spoiled((request) => { request.body.append('code', request.body.get('code')); }),
  });
  await refused('client_id of another client', '400 invalid_request', {
    fetch: spoiled((request) => { request.body.set('client_id', other.client.client_id); }),
  });

  const owned = await rp.login(person);
  await cases.refused('token: the code of another client', grant, () => {
    const { state, ...theirs } = owned;
    return other.redeem({ ...theirs, callback: other.callback(owned.returned, state) });
  });
  await cases.works('token: its owner, after another client has tried', () => rp.redeem(owned));

  await otherGrants(cases, rp);
  await replay(cases, rp, person);
}

async function otherGrants(cases, rp) {
  const generic = (what, expected, type, parameters, options = {}) =>
    cases.refused(`token: ${what}`, expected, async () => {
      const response = await oauth.genericTokenEndpointRequest(
        rp.as, rp.client, rp.auth, type, parameters, { ...insecure, ...options });
      await oauth.processGenericTokenEndpointResponse(rp.as, rp.client, response);
    });
  const unsupported = '400 unsupported_grant_type';
  await generic('client_credentials', unsupported, 'client_credentials', {});
  await generic('password', unsupported, 'password', { username: 'a', password: 'b' });
  await generic('refresh_token', unsupported, 'refresh_token', { refresh_token: 'a' });
  await generic('no code', '400 invalid_request', 'authorization_code', { redirect_uri: rp.redirectUri });
  await generic('a code of nobody', '400 invalid_grant', 'authorization_code', {
    code: 'nobody', redirect_uri: rp.redirectUri,
  });
  const untyped = spoiled((request) => { request.body.delete('grant_type'); });
  await generic('no grant_type', '400 invalid_request', 'authorization_code', { code: 'nobody' }, {
    [oauth.customFetch]: untyped,
  });
}

/** The second use of a code revokes what the first one gave (RFC 6749 §4.1.2). */
async function replay(cases, rp, person) {
  const login = await rp.login(person);
  const tokens = await rp.redeem(login, { fetch: recorded([]) });
  const { sub } = tokens.claims;
  await cases.works('token: an access token before its code is used again', () =>
    rp.userinfo(tokens.access_token, sub, login));
  await cases.refused('token: the same code again', '400 invalid_grant', () => rp.redeem(login));
  await cases.refused('token: the access token after that', '401 dpop invalid_token', () =>
    rp.userinfo(tokens.access_token, sub, login));
}

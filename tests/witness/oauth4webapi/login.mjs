// What must work, and what the library itself must notice when an answer was tampered with.

import * as oauth from 'oauth4webapi';

import { ensure } from '../demo.mjs';
import { signIn } from '../sign-in.mjs';
import { insecure, recorded } from './relying-party.mjs';

export async function login(cases, rp, person) {
  const request = await cases.works('pushed authorization request', async () => {
    const pushed = await rp.push({ claims: JSON.stringify({ userinfo: { name: { essential: true } } }) });
    ensure(pushed.request_uri.startsWith('urn:ietf:params:oauth:request_uri:'), 'the request_uri is a URN of RFC 9126');
    ensure(pushed.expires_in > 0 && pushed.expires_in <= 60, `it lives for ${pushed.expires_in} seconds`);
    return pushed;
  });
  const returned = await cases.works('login, by the forms of the pages', () =>
    signIn(rp.url(request), person, 'allow'));
  const callback = await cases.works('authorization response with code, state and iss', () => {
    ensure(returned.searchParams.get('iss') === rp.as.issuer, 'iss is the issuer');
    return rp.callback(returned, request.state);
  });
  await tampered(cases, rp, returned, request);

  const login = { ...request, callback };
  const seen = [];
  const tokens = await cases.works('code for tokens; id_token claims checked', async () => {
    const tokens = await rp.redeem(login, { fetch: recorded(seen) });
    ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
    ensure(tokens.claims.acr && tokens.claims.amr.length > 0, 'the id_token says how the person signed in');
    return tokens;
  });
  await cases.works('signature of the id_token, by jwks_uri', () =>
    oauth.validateApplicationLevelSignature(rp.as, tokens.response, insecure));
  await foreignKey(cases, rp, tokens);
  await cases.works('access token, as a resource server checks it (RFC 9068, RFC 9449)', async () => {
    const claims = await atResource(rp, tokens.access_token, login.DPoP);
    ensure(claims.sub === tokens.claims.sub && claims.client_id === rp.client.client_id, 'it is of this login');
  });
  await cases.refused('library: access token with the proof of another key', 'library OAUTH_JWT_CLAIM_COMPARISON_FAILED', async () =>
    atResource(rp, tokens.access_token, await rp.dpop()));
  const info = await cases.works('userinfo by GET', async () => {
    const info = await rp.userinfo(tokens.access_token, tokens.claims.sub, login);
    ensure(info.name === person.name, `the name is ${info.name}`);
    return info;
  });
  await cases.works('userinfo by POST, the same', async () => {
    const url = new URL(rp.as.userinfo_endpoint);
    const options = { ...insecure, DPoP: login.DPoP };
    const response = await oauth.protectedResourceRequest(tokens.access_token, 'POST', url, undefined, null, options);
    const again = await oauth.processUserInfoResponse(rp.as, rp.client, tokens.claims.sub, response);
    ensure(JSON.stringify(again) === JSON.stringify(info), 'both methods give the same');
  });
  return { login, tokens, info, tokenRequest: seen.at(-1) };
}

/** The ways of a login that differ from the usual one. */
export async function variants(cases, rp, person) {
  for (const alg of ['PS256', 'Ed25519']) {
    await cases.works(`tokens bound to a ${alg} key`, async () => {
      const DPoP = await rp.dpop(undefined, alg);
      const login = await rp.login(person, {}, { DPoP });
      const tokens = await rp.redeem(login);
      await rp.userinfo(tokens.access_token, tokens.claims.sub, { DPoP });
    });
  }
  await cases.works('form_post', async () => {
    const login = await rp.login(person, { response_mode: 'form_post' });
    ensure(login.returned instanceof URLSearchParams, 'the response is posted');
    await rp.redeem(login);
  });
  await cases.works('dpop_jkt instead of a proof at PAR', async () => {
    const DPoP = await rp.dpop();
    const login = await rp.login(person, { dpop_jkt: await DPoP.calculateThumbprint() }, { DPoP: null });
    await rp.redeem(login, { DPoP });
  });
  await cases.works('a claim in the id_token', async () => {
    const claims = JSON.stringify({ id_token: { name: { essential: true } } });
    const tokens = await rp.redeem(await rp.login(person, { claims, prompt: 'consent' }));
    ensure(tokens.claims.name === person.name, 'the id_token has the name');
  });
  await cases.works('max_age=0 with auth_time', async () => {
    const login = await rp.login(person, { max_age: '0' });
    const { claims } = await rp.redeem(login);
    ensure(Math.abs(claims.auth_time - claims.iat) < 60, 'the login is a fresh one');
  });
  await cases.works('without the scope openid there is no id_token', async () => {
    const login = await rp.login(person, { scope: 'profile', nonce: undefined });
    const tokens = await rp.redeem(login, { requireIdToken: false });
    ensure(tokens.id_token === undefined && tokens.access_token, 'an access token alone');
  });
  await cases.works('the subject is pairwise and stable', async () => {
    const subjects = [];
    for (let time = 0; time < 2; time += 1) subjects.push((await rp.redeem(await rp.login(person))).claims.sub);
    ensure(subjects[0] === subjects[1], 'the same client sees the same person');
  });
}

async function tampered(cases, rp, returned, request) {
  const change = (name, value) => {
    const parameters = new URLSearchParams(returned.searchParams);
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
    return rp.callback(parameters, request.state);
  };
  const invalid = 'library OAUTH_INVALID_RESPONSE';
  await cases.refused('library: state of another login', invalid, () => change('state', oauth.generateRandomState()));
  await cases.refused('library: response without state', invalid, () => change('state'));
  await cases.refused('library: iss of another server', invalid, () => change('iss', 'https://other.example'));
  await cases.refused('library: response without iss', invalid, () => change('iss'));
}

/** The key set of the server with another key under the same kid. */
async function foreignKey(cases, rp, tokens) {
  const foreign = await oauth.generateKeyPair('ES256', { extractable: true });
  const { x, y } = await crypto.subtle.exportKey('jwk', foreign.publicKey);
  const swapped = async (url, options) => {
    const { keys } = await (await fetch(url, options)).json();
    return Response.json({ keys: keys.map((key) => (key.kty === 'EC' ? { ...key, x, y } : key)) });
  };
  await cases.refused('library: id_token against another ES256 key', 'library OAUTH_INVALID_RESPONSE', () =>
    oauth.validateApplicationLevelSignature({ ...rp.as }, tokens.response, { ...insecure, [oauth.customFetch]: swapped }));
}

/** What a resource server does with a request of this client. */
async function atResource(rp, token, DPoP) {
  let request;
  const caught = (url, options) => {
    request = new Request(url, { method: options.method, headers: options.headers });
    return new Response('{}', { headers: { 'content-type': 'application/json' } });
  };
  const url = new URL('https://resource.example/records');
  await oauth.protectedResourceRequest(token, 'GET', url, undefined, null, { DPoP, [oauth.customFetch]: caught });
  return oauth.validateJwtAccessToken(rp.as, request, rp.as.issuer, { ...insecure, requireDPoP: true });
}

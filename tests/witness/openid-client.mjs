// A relying-party library of others completes a login: discovery, PAR, PKCE, private_key_jwt, DPoP, userinfo.
// Everything that it checks by itself (iss, state, nonce, at_hash, signatures, DPoP) is checked by it, not by us.

import * as client from 'openid-client';

import { judge } from './cases.mjs';
import { clientOf, demo, ensure, personOf } from './demo.mjs';
import { signIn } from './sign-in.mjs';

async function keyOf(registered) {
  const jwk = registered.jwks.keys[0];
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  return { key, kid: jwk.kid };
}

async function configure(demo, registered, modify) {
  const authentication = client.PrivateKeyJwt(await keyOf(registered), modify && { [client.modifyAssertion]: modify });
  const metadata = {
    id_token_signed_response_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
    require_pushed_authorization_requests: true,
  };
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  return client.discovery(new URL(demo.issuer), registered.client_id, metadata, authentication, { execute });
}

async function request(config, registered, changes = {}, signingKey = undefined) {
  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
  };
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
  const parameters = {
    redirect_uri: registered.redirect_uris[0],
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    claims: JSON.stringify({ userinfo: { name: { essential: true } } }),
    ...changes,
  };
  const pushed = signingKey
    ? (await client.buildAuthorizationUrlWithJAR(config, parameters, signingKey)).searchParams
    : parameters;
  const url = await client.buildAuthorizationUrlWithPAR(config, pushed, { DPoP });
  return { url, checks, DPoP };
}

await judge('openid-client', async (cases) => {
  const running = await demo();
  const registered = clientOf(running, 'script');
  const person = personOf(running);
  const config = await cases.works('discovery', () => configure(running, registered));
  const redeem = ({ DPoP, checks }, callback, changes = {}) =>
    client.authorizationCodeGrant(config, callback, { ...checks, ...changes }, undefined, DPoP && { DPoP });
  const login = async (changes, decision = 'allow') => {
    const made = await request(config, registered, changes);
    return { ...made, callback: await signIn(made.url, person, decision) };
  };

  const made = await cases.works('pushed authorization request', async () => {
    const made = await request(config, registered);
    const { searchParams } = made.url;
    ensure(searchParams.has('request_uri') && !searchParams.has('scope'), 'the request travels by PAR');
    return made;
  });
  const callback = await cases.works('login, by the forms of the pages', () => signIn(made.url, person, 'allow'));
  const tokens = await cases.works('code for tokens; id_token checked', () => redeem(made, callback));
  const { sub } = tokens.claims();
  const userinfo = (token, DPoP) => client.fetchUserInfo(config, token, sub, DPoP && { DPoP });
  await cases.works('userinfo', async () => {
    ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
    const told = await userinfo(tokens.access_token, made.DPoP);
    ensure(told.name === person.name, 'userinfo has the name');
  });
  await cases.refused('userinfo with another key', '401 dpop invalid_dpop_proof', async () =>
    userinfo(tokens.access_token, client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))));
  await cases.refused('userinfo without a proof', '401 dpop invalid_token', () => userinfo(tokens.access_token));
  await cases.refused('the same code again', '400 invalid_grant', () => redeem(made, callback));
  await cases.refused('the access token after its code was replayed', '401 dpop invalid_token', () =>
    userinfo(tokens.access_token, made.DPoP));

  const refusedCode = async (what, expected, changes, spoil = (login) => login) =>
    cases.refused(what, expected, async () => {
      const made = spoil(await login());
      return redeem(made, made.callback, changes);
    });
  await refusedCode('a code with another verifier', '400 invalid_grant', {
    pkceCodeVerifier: client.randomPKCECodeVerifier(),
  });
  await refusedCode('a code without a DPoP proof', '400 invalid_dpop_proof', {}, (made) => ({ ...made, DPoP: undefined }));
  await refusedCode('a code with the proof of another key', '400 invalid_dpop_proof', {}, (login) =>
    ({ ...login, DPoP: made.DPoP }));
  await refusedCode('library: another state', 'library OAUTH_INVALID_RESPONSE', { expectedState: client.randomState() });
  await refusedCode('library: another nonce', 'library OAUTH_JWT_CLAIM_COMPARISON_FAILED', {
    expectedNonce: client.randomNonce(),
  });
  await refusedCode('library: another iss', 'library OAUTH_INVALID_RESPONSE', {}, (made) => {
    made.callback.searchParams.set('iss', 'https://other.example');
    return made;
  });
  await cases.refused('a login that was denied', 'redirect access_denied', async () => {
    const denied = await login({ prompt: 'consent' }, 'deny');
    await redeem(denied, denied.callback);
  });

  const pushed = (what, expected, changes, by = config) =>
    cases.refused(what, expected, () => request(by, registered, changes));
  await pushed('a redirect_uri of nobody', '400 invalid_request', { redirect_uri: 'https://evil.example/callback' });
  await pushed('a plain challenge', '400 invalid_request', { code_challenge_method: 'plain' });
  await pushed('response_type=token', '400 unsupported_response_type', { response_type: 'token' });
  await pushed('dpop_jkt of another key than the proof', '400 invalid_dpop_proof', {
    dpop_jkt: await made.DPoP.calculateThumbprint(),
  });
  await pushed('an unknown scope', '400 invalid_scope', { scope: 'openid admin' });
  const spoiled = async (what, modify) =>
    pushed(what, '401 invalid_client', {}, await configure(running, registered, modify));
  await spoiled('an assertion for the token endpoint', (_, payload) => {
    payload.aud = config.serverMetadata().token_endpoint;
  });
  await spoiled('an assertion that says it is a proof', (header) => { header.typ = 'dpop+jwt'; });
  await spoiled('an assertion that is good for an hour', (_, payload) => { payload.exp += 3600; });

  await lifeOfAToken(cases, config, login, redeem);
  await messageSigning(cases, running, config, person);
});

/** Introspection and revocation, where discovery names them. */
async function lifeOfAToken(cases, config, login, redeem) {
  const { introspection_endpoint, revocation_endpoint } = config.serverMetadata();
  if (!introspection_endpoint) cases.notAdvertised('introspection_endpoint (RFC 7662)');
  if (!revocation_endpoint) cases.notAdvertised('revocation_endpoint (RFC 7009)');
  if (!introspection_endpoint && !revocation_endpoint) return;
  const made = await login();
  const { access_token } = await redeem(made, made.callback);
  const isActive = async () => (await client.tokenIntrospection(config, access_token)).active;
  if (introspection_endpoint) {
    await cases.works('introspection: active', async () => ensure(await isActive(), 'it is not active'));
  }
  if (revocation_endpoint) {
    await cases.works('revocation', () => client.tokenRevocation(config, access_token));
    await cases.refused('revocation: after it, userinfo', '401 dpop invalid_token', () =>
      client.fetchUserInfo(config, access_token, client.skipSubjectCheck, { DPoP: made.DPoP }));
  }
  if (introspection_endpoint && revocation_endpoint) {
    await cases.works('introspection: after revocation', async () => ensure(!(await isActive()), 'it is active still'));
  }
}

/** Signed requests (RFC 9101) and signed responses (JARM), where discovery names them. */
async function messageSigning(cases, running, config, person) {
  if (!config.serverMetadata().request_object_signing_alg_values_supported) {
    cases.notAdvertised('request_object_signing_alg_values_supported (RFC 9101, JARM)');
    return;
  }
  const registered = clientOf(running, 'fapi2-message-signing', 'profile') ?? clientOf(running, 'script');
  const signing = await configure(running, registered);
  client.useJwtResponseMode(signing);
  await cases.works('JAR by PAR, JARM, tokens', async () => {
    const made = await request(signing, registered, {}, await keyOf(registered));
    const callback = await signIn(made.url, person, 'allow');
    ensure(callback.searchParams.has('response'), 'the response is signed');
    await client.authorizationCodeGrant(signing, callback, made.checks, undefined, { DPoP: made.DPoP });
  });
}

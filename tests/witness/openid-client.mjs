// A relying-party library of others completes a login: discovery, PAR, PKCE, private_key_jwt, DPoP, userinfo.
// Everything that it checks by itself (iss, state, nonce, at_hash, signatures, DPoP) is checked by it, not by us.

import * as client from 'openid-client';

import { demo, done, ensure, main } from './demo.mjs';
import { signIn } from './sign-in.mjs';

async function configure(demo, registered, modify) {
  const jwk = registered.jwks.keys[0];
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const authentication = client.PrivateKeyJwt({ key, kid: jwk.kid }, modify && { [client.modifyAssertion]: modify });
  const metadata = { id_token_signed_response_alg: 'ES256', require_pushed_authorization_requests: true };
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];
  return client.discovery(new URL(demo.issuer), registered.client_id, metadata, authentication, { execute });
}

async function request(config, registered, changes = {}) {
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
  const url = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
  return { url, checks, DPoP };
}

async function refused(what, error, attempt) {
  try {
    await attempt();
  } catch (thrown) {
    const cause = thrown.cause;
    const challenge = Array.isArray(cause) ? cause.map(({ parameters }) => parameters.error) : [];
    const said = thrown.error ?? challenge[0] ?? thrown.code;
    ensure(said === error, `${what}: the answer is ${said}, not ${error}: ${thrown}`);
    done(what, `refused, ${error}`);
    return;
  }
  throw new Error(`${what} was not refused`);
}

await main(async () => {
  const running = await demo();
  const registered = running.clients.at(-1);
  const person = running.people.find(({ outcome }) => outcome === 'usual');
  const config = await configure(running, registered);
  done('discovery', config.serverMetadata().issuer);

  const { url, checks, DPoP } = await request(config, registered);
  ensure(url.searchParams.has('request_uri') && !url.searchParams.has('scope'), 'the request travels by PAR');
  done('pushed authorization request');
  const callback = await signIn(url, person, 'allow');
  done('login, by the forms of the pages');
  const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP });
  ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
  const claims = tokens.claims();
  done('tokens', `id_token for ${claims.aud}, acr ${claims.acr}, amr ${claims.amr}`);
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
  ensure(userinfo.name === person.name, 'userinfo has the name');
  done('userinfo', Object.keys(userinfo).join(' '));

  await refused('the same code again', 'invalid_grant', () =>
    client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP }));
  await refused('the access token after its code was replayed', 'invalid_token', () =>
    client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP }));

  const second = await request(config, registered);
  const returned = await signIn(second.url, person, 'allow');
  await refused('a code with another verifier', 'invalid_grant', () =>
    client.authorizationCodeGrant(
      config, returned, { ...second.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }, undefined,
      { DPoP: second.DPoP }));

  const third = await request(config, registered);
  const unproved = await signIn(third.url, person, 'allow');
  await refused('a code without a DPoP proof', 'invalid_dpop_proof', () =>
    client.authorizationCodeGrant(config, unproved, third.checks));

  const denied = await request(config, registered);
  const answer = await signIn(denied.url, person, 'deny');
  await refused('a login that was denied', 'access_denied', () =>
    client.authorizationCodeGrant(config, answer, denied.checks, undefined, { DPoP: denied.DPoP }));

  await refused('a redirect_uri of nobody', 'invalid_request', () =>
    request(config, registered, { redirect_uri: 'https://evil.example/callback' }));
  await refused('a plain challenge', 'invalid_request', () =>
    request(config, registered, { code_challenge_method: 'plain' }));
  const wrongAudience = await configure(running, registered, (header, payload) => {
    payload.aud = config.serverMetadata().token_endpoint;
  });
  await refused('an assertion for the token endpoint', 'invalid_client', () => request(wrongAudience, registered));
  const wrongType = await configure(running, registered, (header) => {
    header.typ = 'dpop+jwt';
  });
  await refused('an assertion that says it is a proof', 'invalid_client', () => request(wrongType, registered));
});

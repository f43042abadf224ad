// Parts of the protocol that a server may have or not: exercised as soon as discovery names them.

import * as oauth from 'oauth4webapi';

import { clientOf, ensure } from '../demo.mjs';
import { signIn } from '../sign-in.mjs';
import { RelyingParty, insecure } from './relying-party.mjs';

export async function advertised(cases, running, rp, person) {
  await lifeOfAToken(cases, rp, person);
  await messageSigning(cases, running, rp, person);
  await signedUserinfo(cases, running, rp, person);
  await encrypted(cases, running, rp, person);
  await interop(cases, running, rp, person);
  mutualTls(cases, rp);
}

/** Introspection (RFC 7662) and revocation (RFC 7009): active, revoked, inactive. */
async function lifeOfAToken(cases, rp, person) {
  const { introspection_endpoint, revocation_endpoint } = rp.as;
  const introspect = async (token) => {
    const response = await oauth.introspectionRequest(rp.as, rp.client, rp.auth, token, insecure);
    return oauth.processIntrospectionResponse(rp.as, rp.client, response);
  };
  if (!introspection_endpoint) cases.notAdvertised('introspection_endpoint (RFC 7662)');
  if (!revocation_endpoint) cases.notAdvertised('revocation_endpoint (RFC 7009)');
  if (!introspection_endpoint && !revocation_endpoint) return;

  const login = await rp.login(person);
  const tokens = await rp.redeem(login);
  if (introspection_endpoint) {
    await cases.works('introspection: a token of ours is active', async () => {
      const told = await introspect(tokens.access_token);
      ensure(told.active === true, `active is ${told.active}`);
      ensure(told.sub === tokens.claims.sub && told.cnf?.jkt, 'it says whose it is and which key it is bound to');
    });
    await cases.works('introspection: a token of nobody is not active', async () => {
      const told = await introspect('nobody');
      ensure(told.active === false && Object.keys(told).length === 1, 'and nothing else is said');
    });
    await cases.works('introspection: a signed answer (RFC 9701)', async () => {
      const options = { ...insecure, requestJwtResponse: true };
      const response = await oauth.introspectionRequest(rp.as, rp.client, rp.auth, tokens.access_token, options);
      const client = { ...rp.client, introspection_signed_response_alg: 'ES256' };
      const told = await oauth.processIntrospectionResponse(rp.as, client, response);
      ensure(told.active === true, `active is ${told.active}`);
      await oauth.validateApplicationLevelSignature(rp.as, response, insecure);
    });
    await cases.refused('introspection: no client authentication', '400 invalid_client', async () => {
      const response = await oauth.introspectionRequest(rp.as, rp.client, oauth.None(), tokens.access_token, insecure);
      await oauth.processIntrospectionResponse(rp.as, rp.client, response);
    });
  }
  if (!revocation_endpoint) return;
  const revoke = async (token, auth = rp.auth) =>
    oauth.processRevocationResponse(await oauth.revocationRequest(rp.as, rp.client, auth, token, insecure));
  await cases.works('revocation: a token of nobody', () => revoke('nobody'));
  await cases.refused('revocation: no client authentication', '400 invalid_client', () =>
    revoke(tokens.access_token, oauth.None()));
  await cases.works('revocation: before it, userinfo', () =>
    rp.userinfo(tokens.access_token, tokens.claims.sub, login));
  await cases.works('revocation: of the access token', () => revoke(tokens.access_token));
  await cases.refused('revocation: after it, userinfo', '401 dpop invalid_token', () =>
    rp.userinfo(tokens.access_token, tokens.claims.sub, login));
  if (introspection_endpoint) {
    await cases.works('introspection: after revocation, not active', async () => {
      ensure((await introspect(tokens.access_token)).active === false, 'it is active still');
    });
  }
}

/** Request objects (RFC 9101) and signed responses (JARM). */
async function messageSigning(cases, running, rp, person) {
  if (!rp.as.request_object_signing_alg_values_supported) {
    cases.notAdvertised('request_object_signing_alg_values_supported (RFC 9101)');
    await cases.refused('PAR: a request object, which is not advertised', '400 request_not_supported', async () =>
      rp.push({ request: await objectOf(rp, {}) }));
    return;
  }
  // Any client may sign its requests; one of this profile must.
  const registered = clientOf(running, 'fapi2-message-signing', 'profile');
  const signing = registered ? await RelyingParty.of(rp.as, registered) : rp;
  const mode = { response_mode: 'jwt' };
  const push = async (changes, spoil) => {
    const request = await signing.parameters({ ...mode, ...changes });
    const object = await oauth.issueRequestObject(
      signing.as, signing.client, request.parameters, signing.key, spoil && { [oauth.modifyAssertion]: spoil });
    const pushed = await pushObject(signing, object);
    return { ...request, ...pushed };
  };

  const request = await cases.works('JAR: a signed request object, pushed', () => push());
  const returned = await cases.works('JAR: login', () => signIn(signing.url(request), person, 'allow'));
  if (!rp.as.authorization_signing_alg_values_supported) {
    cases.notAdvertised('authorization_signing_alg_values_supported (JARM)');
  } else {
    const callback = await cases.works('JARM: a signed response, checked by jwks_uri', () => {
      ensure([...returned.searchParams.keys()].join() === 'response', 'nothing else is in the response');
      return oauth.validateJwtAuthResponse(signing.as, signing.client, returned, request.state, insecure);
    });
    await cases.works('JARM: its code for tokens', () => signing.redeem({ ...request, callback }));
    await cases.refused('JARM: a plain reading of it', 'library OAUTH_INVALID_RESPONSE', () =>
      signing.callback(returned, request.state));
    await cases.refused('JARM: an error is signed too', 'redirect access_denied', async () => {
      const denied = await push({ prompt: 'consent' });
      const answer = await signIn(signing.url(denied), person, 'deny');
      await oauth.validateJwtAuthResponse(signing.as, signing.client, answer, denied.state, insecure);
    });
  }

  const refused = (what, spoil) =>
    cases.refused(`JAR: ${what}`, '400 invalid_request_object', () => push({}, spoil));
  await refused('iss is another client', (_, claims) => { claims.iss = 'another'; });
  await refused('aud is another server', (_, claims) => { claims.aud = 'https://other.example'; });
  await refused('expired', (_, claims) => { claims.exp = claims.iat - 60; });
  await refused('no exp', (_, claims) => { delete claims.exp; });
  await refused('no nbf', (_, claims) => { delete claims.nbf; });
  await refused('nbf of two hours ago', (_, claims) => { claims.nbf -= 7200; });
  await refused('good for two hours', (_, claims) => { claims.exp = claims.nbf + 7200; });
  await refused('client_id of another', (_, claims) => { claims.client_id = 'another'; });
  await refused('typ of a proof', (header) => { header.typ = 'dpop+jwt'; });
  await refused('alg none', (header) => { header.alg = 'none'; });
  await refused('request_uri inside', (_, claims) => {
    claims.request_uri = 'urn:ietf:params:oauth:request_uri:another';
  });
  await cases.refused('JAR: another key under the same kid', '400 invalid_request_object', async () => {
    const { privateKey } = await oauth.generateKeyPair('ES256');
    const { parameters } = await signing.parameters(mode);
    const foreign = { key: privateKey, kid: signing.key.kid };
    await pushObject(signing, await oauth.issueRequestObject(signing.as, signing.client, parameters, foreign));
  });
  await cases.refused('JAR: what is asked inside is judged as outside', '400 invalid_scope', () =>
    push({ scope: 'openid admin' }));
  if (registered) {
    await cases.refused('JAR: a request without an object, which the profile wants', '400 invalid_request', () =>
      signing.push(mode));
  } else {
    cases.notAdvertised('a client with the profile fapi2-message-signing, in the demo');
  }
}

async function objectOf(rp, changes) {
  const { parameters } = await rp.parameters(changes);
  return oauth.issueRequestObject(rp.as, rp.client, parameters, rp.key);
}

async function pushObject(rp, object) {
  const DPoP = await rp.dpop();
  const options = { ...insecure, DPoP };
  const attempt = async () => {
    const response = await oauth.pushedAuthorizationRequest(rp.as, rp.client, rp.auth, { request: object }, options);
    return oauth.processPushedAuthorizationResponse(rp.as, rp.client, response);
  };
  const pushed = await attempt().catch((error) => {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return attempt();
  });
  return { ...pushed, DPoP };
}

/** Userinfo as a signed JWT (OIDC Core §5.3.2), for a client that has registered for it. */
async function signedUserinfo(cases, running, rp, person) {
  if (!rp.as.userinfo_signing_alg_values_supported) {
    cases.notAdvertised('userinfo_signing_alg_values_supported (OIDC Core §5.3.2)');
    return;
  }
  const registered = running.clients.find((client) =>
    client.userinfo_signed_response_alg && !client.userinfo_encrypted_response_alg);
  if (!registered) {
    cases.notAdvertised('a client with userinfo_signed_response_alg alone, in the demo');
    return;
  }
  const signed = await RelyingParty.of(rp.as, registered);
  signed.client.userinfo_signed_response_alg = registered.userinfo_signed_response_alg;
  await cases.works('userinfo: a signed JWT, checked by jwks_uri', async () => {
    const login = await signed.login(person);
    const tokens = await signed.redeem(login);
    const options = { ...insecure, DPoP: login.DPoP };
    const response = await oauth.userInfoRequest(signed.as, signed.client, tokens.access_token, options);
    const info = await oauth.processUserInfoResponse(signed.as, signed.client, tokens.claims.sub, response);
    ensure(info.iss === signed.as.issuer && info.aud === signed.client.client_id, 'it says from and for whom it is');
    await oauth.validateApplicationLevelSignature(signed.as, response, insecure);
  });
}

/** An id_token or userinfo that only the client can read (OIDC Core §10.2): signed, then encrypted. */
async function encrypted(cases, running, rp, person) {
  for (const what of ['id_token', 'userinfo']) {
    if (!rp.as[`${what}_encryption_alg_values_supported`]) {
      cases.notAdvertised(`${what}_encryption_alg_values_supported (OIDC Core §10.2)`);
      continue;
    }
    const registered = running.clients.find((client) => client[`${what}_encrypted_response_alg`]);
    if (!registered) {
      cases.notAdvertised(`a client with ${what}_encrypted_response_alg, in the demo`);
      continue;
    }
    const reader = await RelyingParty.of(rp.as, registered);
    await cases.works(`${what}: encrypted by ${registered[`${what}_encrypted_response_alg`]}`, async () => {
      const login = await reader.login(person);
      const tokens = await reader.redeem(login);
      const raw = [];
      const kept = async (url, options) => {
        const response = await fetch(url, options);
        raw.push(await response.clone().text());
        return response;
      };
      await reader.userinfo(tokens.access_token, tokens.claims.sub, { DPoP: login.DPoP, fetch: kept });
      const sent = what === 'id_token' ? tokens.id_token : raw.at(-1);
      ensure(sent.split('.').length === 5, 'it travels as a JWE');
    });
  }
}

/** Certificates are for programs that can show one: the in-process tests do, a fetch of Node cannot. */
function mutualTls(cases, rp) {
  const methods = rp.as.token_endpoint_auth_methods_supported;
  if (methods.includes('tls_client_auth')) cases.note('advertised, and not exercised here: mutual TLS (RFC 8705)');
  else cases.notAdvertised('tls_client_auth (RFC 8705)');
}

/** The profile `interop`: an id_token with RS256 and a bearer token, for a client that was registered for it. */
async function interop(cases, running, rp, person) {
  if (!rp.as.id_token_signing_alg_values_supported.includes('RS256')) {
    cases.notAdvertised('RS256 in id_token_signing_alg_values_supported (profile interop)');
    return;
  }
  const registered = clientOf(running, 'interop', 'profile');
  if (!registered) {
    cases.notAdvertised('a client with the profile interop, in the demo');
    return;
  }
  const plain = await RelyingParty.of(rp.as, registered);
  await cases.works(`interop: login without DPoP, id_token by ${plain.client.id_token_signed_response_alg}`, async () => {
    const login = await plain.login(person, {}, { DPoP: null });
    const tokens = await plain.redeem(login, { DPoP: null });
    ensure(tokens.token_type === 'bearer', `token_type is ${tokens.token_type}`);
    await oauth.validateApplicationLevelSignature(plain.as, tokens.response, insecure);
    await plain.userinfo(tokens.access_token, tokens.claims.sub);
  });
}

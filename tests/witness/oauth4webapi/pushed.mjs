// Requests that must not be taken at the pushed authorization request endpoint (RFC 9126 §2, OIDC Core §3.1.2.1).

import { Answered, plainly } from '../cases.mjs';
import { spoiled } from './relying-party.mjs';

export async function pushed(cases, rp, other, { tokens }) {
  const refused = (what, expected, changes, options) =>
    cases.refused(`PAR: ${what}`, expected, () => rp.push(changes, options));
  const invalid = '400 invalid_request';

  for (const type of ['token', 'id_token', 'code id_token']) {
    await refused(`response_type=${type}`, '400 unsupported_response_type', { response_type: type });
  }
  await refused('no response_type', invalid, { response_type: undefined });
  await refused('redirect_uri of nobody', invalid, { redirect_uri: 'https://evil.example/callback' });
  await refused('redirect_uri with a query added', invalid, { redirect_uri: `${rp.redirectUri}?next=1` });
  await refused('redirect_uri of another client', invalid, { redirect_uri: other.redirectUri });
  await refused('no redirect_uri', invalid, { redirect_uri: undefined });
  await refused('response_mode=fragment', invalid, { response_mode: 'fragment' });
  await refused('unknown scope', '400 invalid_scope', { scope: 'openid admin' });
  await refused('scope offline_access', '400 invalid_scope', { scope: 'openid offline_access' });
  await refused('no scope', '400 invalid_scope', { scope: undefined });
  await refused('code_challenge_method=plain', invalid, { code_challenge_method: 'plain' });
  await refused('no code_challenge_method', invalid, { code_challenge_method: undefined });
  await refused('no code_challenge', invalid, { code_challenge: undefined });
  await refused('code_challenge of 42 characters', invalid, { code_challenge: 'a'.repeat(42) });
  await refused('prompt=none login', invalid, { prompt: 'none login' });
  await refused('unknown prompt', invalid, { prompt: 'create' });
  await refused('max_age=-1', invalid, { max_age: '-1' });
  await refused('claims that are not JSON', invalid, { claims: '{userinfo' });
  await refused('claims of another shape', invalid, { claims: '{"userinfo":{"name":"Amina"}}' });
  await refused('nonce of 1025 characters', invalid, { nonce: 'n'.repeat(1025) });
  await refused('state with a control character', invalid, { state: 'a\u0007b' });
  await refused('id_token_hint that is no JWT', invalid, { id_token_hint: 'nobody' });
  await refused('id_token_hint that is an access token', invalid, { id_token_hint: tokens.access_token });
  await refused('request_uri in a pushed request', invalid, {
    request_uri: 'urn:ietf:params:oauth:request_uri:another',
  });
  await refused('registration', '400 registration_not_supported', { registration: '{}' });
  await refused('authorization_details', '400 invalid_authorization_details', {
    authorization_details: '[{"type":"payment"}]',
  });
  await refused('too large a value', '413 invalid_request', { login_hint: 'x'.repeat(3000) });

  const twice = spoiled((request) => {
    request.body.append('state', request.body.get('state'));
  });
  await refused('a parameter twice, with the same value', invalid, {}, { fetch: twice });
  const ofOther = spoiled((request) => {
    request.body.set('client_id', other.client.client_id);
  });
  await refused('client_id of another client', invalid, {}, { fetch: ofOther });
  const asJson = spoiled((request) => {
    request.headers.set('content-type', 'application/json');
    request.body = JSON.stringify(Object.fromEntries(request.body));
  });
  await refused('a JSON body', '415 invalid_request', {}, { fetch: asJson });
  await cases.refused('PAR: GET', '405 invalid_request', async () => {
    const response = await fetch(rp.as.pushed_authorization_request_endpoint);
    if (response.headers.get('allow') !== 'POST') throw new Answered('405 without Allow');
    await plainly(response);
  });
}

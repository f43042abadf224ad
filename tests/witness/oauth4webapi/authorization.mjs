// What the authorization endpoint must not open, and what it must send back (OIDC Core §3.1.2.6, RFC 9126 §4, RFC 9207).

import { ensure } from '../demo.mjs';
import { signIn } from '../sign-in.mjs';

export async function authorization(cases, rp, other, person) {
  const page = (what, url) => cases.refused(`authorize: ${what}`, 'page 400', async () => rp.open(await url()));
  const opened = (parameters) => {
    const url = new URL(rp.as.authorization_endpoint);
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    return url;
  };
  const { client_id } = rp.client;

  await page('without a pushed request', async () => {
    const { parameters } = await rp.parameters();
    return opened([...parameters]);
  });
  await page('response_type=token, not pushed', () =>
    opened([['client_id', client_id], ['response_type', 'token'], ['redirect_uri', rp.redirectUri]]));
  await page('request_uri of nobody', () =>
    opened([['client_id', client_id], ['request_uri', `urn:ietf:params:oauth:request_uri:${'a'.repeat(43)}`]]));
  await page('request_uri of another server', () =>
    opened([['client_id', client_id], ['request_uri', 'https://other.example/request.jwt']]));
  await page('request_uri of another client', async () => other.url(await rp.push()));
  await page('unknown client', () => opened([['client_id', 'nobody']]));
  await page('client_id twice', async () => {
    const url = rp.url(await rp.push());
    url.searchParams.append('client_id', client_id);
    return url;
  });
  await page('request_uri that was used', async () => {
    const used = await rp.push();
    await signIn(rp.url(used), person, 'allow');
    return rp.url(used);
  });

  const returned = (what, expected, changes) =>
    cases.refused(`authorize: ${what}`, `redirect ${expected}`, async () => {
      const request = await rp.push(changes);
      const location = await rp.open(rp.url(request));
      ensure(location.searchParams.get('iss') === rp.as.issuer, 'an error response has iss too');
      rp.callback(location, request.state);
    });
  await returned('prompt=none, and no session is kept', 'login_required', { prompt: 'none' });
  await returned('an essential acr that cannot be met', 'unmet_authentication_requirements', {
    claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:example:none'] } } }),
  });
  await cases.refused('authorize: the person declines', 'redirect access_denied', () =>
    rp.login(person, { prompt: 'consent' }, { decision: 'deny' }));
  await cases.refused('authorize: another person than the claim sub names', 'redirect login_required', () =>
    rp.login(person, { claims: JSON.stringify({ id_token: { sub: { value: 'somebody-else' } } }) }));
}

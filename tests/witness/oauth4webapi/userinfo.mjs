// Access tokens that must not open userinfo (OIDC Core §5.3.3, RFC 6750 §3.1, RFC 9449 §7.1).

import { plainly } from '../cases.mjs';
import { ensure } from '../demo.mjs';
import { recorded, spoiled } from './relying-party.mjs';

export async function userinfo(cases, rp, person, { login, tokens }) {
  const { sub } = tokens.claims;
  const { DPoP } = login;
  const refused = (what, expected, options, token = tokens.access_token) =>
    cases.refused(`userinfo: ${what}`, expected, () => rp.userinfo(token, sub, { DPoP, ...options }));
  const noToken = '401 dpop invalid_token';
  const noProof = '401 dpop invalid_dpop_proof';

  await refused('no token: a bare challenge', '401 dpop', {
    fetch: spoiled((request) => { request.headers.delete('authorization'); }),
  });
  await cases.works('userinfo: the challenge names the algorithms of discovery', async () => {
    const response = await fetch(rp.as.userinfo_endpoint);
    const algs = /DPoP [^,]*algs="([^"]+)"/.exec(response.headers.get('www-authenticate'))?.[1];
    ensure(algs === rp.as.dpop_signing_alg_values_supported.join(' '), `the challenge names ${algs}`);
  });
  await refused('as a bearer token', noToken, { DPoP: undefined });
  await refused('as a bearer token with a proof', noToken, {
    fetch: spoiled((request) => { request.headers.set('authorization', `Bearer ${tokens.access_token}`); }),
  });
  await refused('no proof', noProof, { fetch: spoiled((request) => { request.headers.delete('dpop'); }) });
  await refused('the proof of another key', noProof, { DPoP: await rp.dpop() });
  await refused('a proof without ath', noProof, { DPoP: await rp.dpop((_, claims) => { delete claims.ath; }) });
  await refused('a proof for another token', noProof, {
    DPoP: await rp.dpop((_, claims) => { claims.ath = 'a'.repeat(43); }),
  });
  await refused('a proof for POST', noProof, { DPoP: await rp.dpop((_, claims) => { claims.htm = 'POST'; }) });
  const seen = [];
  await rp.userinfo(tokens.access_token, sub, { DPoP, fetch: recorded(seen) });
  await refused('a replayed proof', noProof, {
    fetch: spoiled((request) => { request.headers.set('dpop', seen.at(-1).headers.get('dpop')); }),
  });

  const [header, payload, signature] = tokens.access_token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const longer = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 3600 })).toString('base64url');
  await refused('a token with another exp', noToken, {}, `${header}.${longer}.${signature}`);
  await refused('the id_token as a token', noToken, {}, tokens.id_token);
  await refused('a token of nobody', noToken, {}, 'nobody');
  await refused('a token that is no token68', '400 dpop invalid_request', {}, 'a b');
  await cases.refused('userinfo: the token in the query', '400 invalid_request', async () =>
    plainly(await fetch(`${rp.as.userinfo_endpoint}?access_token=${tokens.access_token}`)));
  await cases.refused('userinfo: a token without openid', '403 dpop insufficient_scope', async () => {
    const plain = await rp.login(person, { scope: 'profile', nonce: undefined });
    const { access_token } = await rp.redeem(plain, { requireIdToken: false });
    await rp.userinfo(access_token, sub, plain);
  });
  await cases.refused('library: userinfo of another subject', 'library OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED', () =>
    rp.userinfo(tokens.access_token, 'somebody-else', { DPoP }));
}

// DPoP proofs that must be refused (RFC 9449 §4.3), where a login is not needed to send them: at PAR.

import * as oauth from 'oauth4webapi';

import { nonces, recorded, spoiled } from './relying-party.mjs';

export async function proofs(cases, rp) {
  const bad = '400 invalid_dpop_proof';
  const refused = (what, changes, options) => cases.refused(`proof: ${what}`, bad, () => rp.push(changes, options));
  const spoil = async (what, change) => refused(what, {}, { DPoP: await rp.dpop(change) });

  await spoil('htm of another method', (_, claims) => { claims.htm = 'GET'; });
  await spoil('htu of another endpoint', (_, claims) => { claims.htu = rp.as.token_endpoint; });
  await spoil('htu of another server', (_, claims) => { claims.htu = 'https://other.example/oauth/par'; });
  await spoil('no htu', (_, claims) => { delete claims.htu; });
  // With a nonce in it the proof is as young as the nonce, whatever the client's clock says (RFC 9449 §8, §11.1).
  const old = nonces.asked > 0 ? 'works' : bad;
  const aged = await rp.dpop((_, claims) => { claims.iat -= 120; });
  await cases.refused('proof: two minutes old', old, () => rp.push({}, { DPoP: aged }));
  if (nonces.asked > 0) {
    const foreign = await rp.dpop((_, claims) => { claims.nonce = 'of-another-server'; });
    await cases.refused('proof: the nonce of another server', '400 use_dpop_nonce', () => rp.push({}, { DPoP: foreign }));
  }
  await spoil('from the future', (_, claims) => { claims.iat += 120; });
  await spoil('no iat', (_, claims) => { delete claims.iat; });
  await spoil('no jti', (_, claims) => { delete claims.jti; });
  await spoil('typ JWT', (header) => { header.typ = 'JWT'; });
  await spoil('no typ', (header) => { delete header.typ; });
  await spoil('alg none', (header) => { header.alg = 'none'; });
  await spoil('alg RS256 by an EC key', (header) => { header.alg = 'RS256'; });
  await spoil('no jwk', (header) => { delete header.jwk; });
  await spoil('the private key in jwk', (header) => { header.jwk = { ...rp.registered.jwks.keys[0] }; });
  const { publicKey } = await oauth.generateKeyPair('ES256', { extractable: true });
  const foreign = await crypto.subtle.exportKey('jwk', publicKey);
  await spoil('jwk of another key', (header) => { header.jwk = foreign; });
  await refused('dpop_jkt of another key', { dpop_jkt: 'a'.repeat(43) });

  const twice = spoiled((request) => {
    request.headers.append('dpop', request.headers.get('dpop'));
  });
  await refused('two in one request', {}, { fetch: twice });
  const seen = [];
  await rp.push({}, { fetch: recorded(seen) });
  const replayed = spoiled((request) => {
    request.headers.set('dpop', seen.at(-1).headers.get('dpop'));
  });
  await refused('replayed', {}, { fetch: replayed });
  await cases.refused('PAR: dpop_jkt that is no thumbprint', '400 invalid_request', () =>
    rp.push({ dpop_jkt: 'short' }));
}

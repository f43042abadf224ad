// oauth4webapi completes logins with PAR, PKCE, private_key_jwt and DPoP, and then does everything else that it can.
// What it checks by itself (iss, state, nonce, at_hash, signatures, DPoP) is checked by it, not by us.

import * as oauth from 'oauth4webapi';

import { judge } from './cases.mjs';
import { clientOf, demo, ensure, personOf } from './demo.mjs';
import { advertised } from './oauth4webapi/advertised.mjs';
import { assertions } from './oauth4webapi/assertions.mjs';
import { authorization } from './oauth4webapi/authorization.mjs';
import { login, variants } from './oauth4webapi/login.mjs';
import { proofs } from './oauth4webapi/proofs.mjs';
import { pushed } from './oauth4webapi/pushed.mjs';
import { RelyingParty, insecure, nonces } from './oauth4webapi/relying-party.mjs';
import { token } from './oauth4webapi/token.mjs';
import { userinfo } from './oauth4webapi/userinfo.mjs';

await judge('oauth4webapi', async (cases) => {
  const running = await demo();
  const person = personOf(running);
  const discover = async (algorithm) => {
    const issuer = new URL(running.issuer);
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
    return oauth.processDiscoveryResponse(issuer, response);
  };
  const as = await cases.works('discovery (OIDC Discovery §4)', () => discover('oidc'));
  await cases.works('discovery (RFC 8414 §3), the same', async () => {
    const same = await discover('oauth2');
    ensure(JSON.stringify(same) === JSON.stringify(as), 'both documents are the same');
  });
  const rp = await RelyingParty.of(as, clientOf(running, 'script'));
  const other = await RelyingParty.of(as, clientOf(running, 'sample-relying-party'));

  const first = await login(cases, rp, person);
  await variants(cases, rp, person);
  await pushed(cases, rp, other, first);
  await assertions(cases, rp, other);
  await proofs(cases, rp);
  await authorization(cases, rp, other, person);
  await userinfo(cases, rp, person, first);
  await token(cases, rp, other, person, first);
  await advertised(cases, running, rp, person);
  if (nonces.asked > 0) cases.note(`use_dpop_nonce: asked for ${nonces.asked} times, and met by the library`);
  else cases.note('not asked for: a nonce in DPoP proofs (use_dpop_nonce)');
});

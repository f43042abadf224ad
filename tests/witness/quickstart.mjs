// The programs that docs/relying-parties/libraries.md shows: each signs somebody in, and the page shows what was run.

import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { judge } from './cases.mjs';
import { clientOf, demo, ensure, personOf } from './demo.mjs';
import { signIn } from './sign-in.mjs';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url);
const SHOWN = ['authlib', 'joserfc'];
const PAGE = 'docs/relying-parties/libraries.md';

await judge('quickstarts', async (cases) => {
  const running = await demo();
  const registered = clientOf(running, 'script');
  const person = personOf(running);
  const redirectUri = registered.redirect_uris[0];

  for (const library of ['openid-client', 'oauth4webapi']) {
    await cases.works(`${library}: login`, async () => {
      const { configure, begin, finish } = await import(`./quickstart/${library}.mjs`);
      const configured = await configure(running.issuer, registered.client_id, registered.jwks.keys[0]);
      const { url, checks } = await begin(configured, redirectUri);
      const userinfo = await finish(configured, await signIn(url, person, 'allow'), checks);
      ensure(userinfo.name === person.name, `userinfo has the name ${userinfo.name}`);
    });
  }
  await cases.works('curl and openssl: login', () => shell(running, registered, person));
  const page = await readFile(new URL(PAGE, ROOT), 'utf8');
  for (const { file, code } of blocks(page)) {
    await cases.works(`${PAGE} shows ${file} as it is`, async () => {
      const source = await readFile(new URL(file, ROOT), 'utf8');
      ensure(source.includes(code), `this is not in it:\n${code}`);
    });
  }
  for (const [library, version] of await versions()) {
    await cases.works(`${PAGE} names ${library} ${version}`, () =>
      ensure(page.toLowerCase().includes(library) && page.includes(version), 'it names another version'));
  }
});

/** What the other witnesses run with. */
async function versions() {
  const { dependencies } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
  const python = await readFile(new URL('python/requirements.in', import.meta.url), 'utf8');
  const named = ['openid-client', 'oauth4webapi'].map((name) => [name, dependencies[name]]);
  return [...named, ...python.split('\n').map((line) => line.split('==')).filter(([name]) => SHOWN.includes(name))];
}

async function shell(running, registered, person) {
  const directory = await mkdtemp(join(tmpdir(), 'esignet-quickstart-'));
  try {
    const jwk = registered.jwks.keys[0];
    const KEY = join(directory, 'client.pem');
    const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
    await writeFile(KEY, pem, { mode: 0o600 });
    const env = {
      ...process.env, KEY, KID: jwk.kid, ISSUER: running.issuer, CLIENT_ID: registered.client_id,
      REDIRECT_URI: registered.redirect_uris[0], SESSION: join(directory, 'session'),
    };
    const script = async (...step) => (await run(new URL('quickstart/login.sh', import.meta.url).pathname, step, { env })).stdout;
    const url = new URL((await script('begin')).trim());
    const callback = await signIn(url, person, 'allow');
    const userinfo = JSON.parse(await script('finish', callback.href));
    ensure(userinfo.name === person.name, `userinfo has the name ${userinfo.name}`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The code blocks that say, in a comment before them, which file they are from. */
function blocks(page) {
  const found = [...page.matchAll(/<!-- from (\S+) -->\n```\w*\n([\s\S]*?)```/g)];
  ensure(found.length > 0, 'the page shows nothing');
  return found.map(([, file, code]) => ({ file, code }));
}

// What `esignet dev --json` says about the running demo, and one line of output a step.

import { readFile } from 'node:fs/promises';

export async function demo() {
  const file = process.env.ESIGNET_DEMO ?? process.argv[2];
  if (!file) {
    console.error('usage: ESIGNET_DEMO=FILE node SCRIPT, with the FILE that `esignet dev --json FILE` wrote');
    process.exit(2);
  }
  return JSON.parse(await readFile(file, 'utf8'));
}

/** A client of the demo by its id, or by another member, such as its `profile`. */
export function clientOf(demo, value, member = 'client_id') {
  return demo.clients.find((client) => client[member] === value);
}

/** Somebody who can sign in. */
export function personOf(demo, outcome = 'usual') {
  return demo.people.find((person) => person.outcome === outcome);
}

export function done(step, detail = '') {
  console.log(`  ✓ ${step}${detail ? `: ${detail}` : ''}`);
}

export function ensure(holds, what) {
  if (!holds) throw new Error(what);
}

/** Runs a script and ends the process with what came of it. */
export async function main(script) {
  try {
    await script();
  } catch (error) {
    console.error(`  ✗ ${error?.stack ?? error}`);
    if (error?.cause) console.error('    because of', error.cause);
    process.exit(1);
  }
}

// What a witness expected of the server and what it got: one line a case while it runs, one table at the end.

/** An answer that no library makes an error of: a page, or a plain response. */
export class Answered extends Error {}

export class Cases {
  #rows = [];
  #notes = [];

  /** Something that must work; gives what it gave, or ends the witness: nothing after it would mean anything. */
  async works(name, attempt) {
    try {
      const value = await attempt();
      this.#add(name, 'works', 'works');
      return value;
    } catch (error) {
      this.#add(name, 'works', said(error));
      throw error;
    }
  }

  /** Something that must be refused, in exactly this way: see `said` for how a way is written. */
  async refused(name, expected, attempt) {
    let got = 'works';
    try {
      await attempt();
    } catch (error) {
      got = said(error);
    }
    this.#add(name, expected, got);
  }

  /** What this server does not offer, so that nobody takes silence for a pass. */
  notAdvertised(what) {
    this.#notes.push(`not advertised: ${what}`);
    console.log(`  - not advertised: ${what}`);
  }

  /** What an optional part of the protocol was seen to do. */
  note(text) {
    this.#notes.push(text);
    console.log(`  - ${text}`);
  }

  #add(name, expected, got) {
    const passed = expected === got;
    this.#rows.push({ name, expected, got, passed });
    console.log(`  ${passed ? '✓' : '✗'} ${name}: ${got}${passed ? '' : `, not ${expected}`}`);
  }

  /** Prints the table; true if nothing differed. */
  finish(title) {
    const width = (column, head) => Math.max(head.length, ...this.#rows.map((row) => row[column].length));
    const widths = [width('name', 'case'), width('expected', 'expected')];
    const line = (name, expected, got) => `${name.padEnd(widths[0])}  ${expected.padEnd(widths[1])}  ${got}`;
    console.log(`\n${title}\n${line('case', 'expected', 'got')}`);
    for (const { name, expected, got, passed } of this.#rows) {
      console.log(`${line(name, expected, got)}${passed ? '' : '   <-- DIFFERS'}`);
    }
    for (const note of this.#notes) console.log(note);
    const failed = this.#rows.filter(({ passed }) => !passed).length;
    console.log(`\n${this.#rows.length - failed} passed, ${failed} failed`);
    return failed === 0;
  }
}

/** Runs the cases of a witness and ends the process with what came of them. */
export async function judge(title, script) {
  const cases = new Cases();
  try {
    await script(cases);
  } catch (error) {
    console.error(`  ✗ ${error?.stack ?? error}`);
    if (error?.cause) console.error('    because of', error.cause);
    cases.finish(title);
    process.exit(1);
  }
  process.exit(cases.finish(title) ? 0 : 1);
}

/** How a refusal is written in the table: `STATUS code` of a JSON answer, `STATUS Scheme code` of a challenge, `redirect
 * code` of an authorization response, `page STATUS` of an error page, `library CODE` of a check that the library made. */
function said(error) {
  if (error instanceof Answered) return error.message;
  const { code, cause, status } = error;
  switch (code) {
    case 'OAUTH_RESPONSE_BODY_ERROR':
      return `${status} ${error.error}`;
    case 'OAUTH_WWW_AUTHENTICATE_CHALLENGE':
      return `${status} ${cause.map(({ scheme, parameters: { error } }) => `${scheme} ${error ?? ''}`.trim()).join(', ')}`;
    case 'OAUTH_AUTHORIZATION_RESPONSE_ERROR':
      return `redirect ${error.error}`;
    default:
      return code ? `library ${code}` : `${error}`;
  }
}

/** The status and the error code of a response that no library looks at. */
export async function plainly(response) {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  if (status === 303) {
    const location = new URL(response.headers.get('location'), response.url);
    throw new Answered(`redirect ${location.searchParams.get('error') ?? location.pathname}`);
  }
  if (type.startsWith('text/html')) throw new Answered(status === 200 ? 'page' : `page ${status}`);
  const body = type.startsWith('application/json') ? await response.json() : {};
  throw new Answered(`${status} ${body.error ?? ''}`.trim());
}

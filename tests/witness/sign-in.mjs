// A person without a browser: fetches pages, fills in the forms it finds, keeps the cookies.

import { ensure } from './demo.mjs';

/** Signs in and returns the URL that the browser would be sent to; with `form_post`, the parameters it would post. */
export async function signIn(url, person, decision) {
  const cookies = new Map();
  const visit = async (target, init = {}) => {
    let next = new URL(target);
    let options = init;
    for (let hops = 0; hops < 10; hops += 1) {
      if (next.origin !== url.origin) return { away: next };
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...options.headers, ...(cookie && { cookie }) };
      const response = await fetch(next, { ...options, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        if (/max-age=0/i.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      if (response.status !== 303) return { page: await response.text(), at: next };
      next = new URL(response.headers.get('location'), next);
      options = {};
    }
    throw new Error('redirects for ever');
  };
  const submit = async ({ page, at }, fields) => {
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    ensure(action, `no form in: ${page}`);
    const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams(hidden.map(([, name, value]) => [name, value]));
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return visit(new URL(action, at), { method: 'POST', body });
  };

  // Consent is not asked where it was given before, so the pages say what comes next.
  let step = await visit(url);
  for (let pages = 0; pages < 6 && !step.away; pages += 1) {
    const posted = formPost(step);
    if (posted) return posted;
    const asks = (name) => step.page.includes(` name="${name}"`);
    if (asks('individual')) step = await submit(step, { individual: person.individual_id, action: 'continue' });
    else if (asks('answer.otp')) step = await submit(step, { 'answer.otp': person.otp, action: 'continue' });
    else step = await submit(step, { action: decision });
  }
  ensure(step.away, `the login did not end: ${step.page}`);
  return step.away;
}

/** The parameters of a page that posts itself to the relying party (OAuth Form Post Response Mode §2). */
function formPost({ page, at }) {
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
  if (!action || new URL(action, at).origin === at.origin) return undefined;
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return new URLSearchParams(hidden.map(([, name, value]) => [name, value]));
}

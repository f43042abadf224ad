// A real browser signs in at the sample relying party: with script and without, by mouse and by keyboard alone, wide and
// narrow, light and dark, left to right and right to left. Every page is photographed.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { demo, done, ensure, main } from './demo.mjs';

const SCREENSHOTS = process.env.ESIGNET_SCREENSHOTS ?? 'screenshots';

const RUNS = [
  { name: 'wide-script', viewport: { width: 1280, height: 900 } },
  { name: 'narrow-no-script-keyboard', viewport: { width: 320, height: 640 }, javaScriptEnabled: false, keyboard: true },
  { name: 'phone-dark-arabic', viewport: { width: 390, height: 844 }, colorScheme: 'dark', locale: 'ar',
    // Whoever reads Arabic has their name in it, where nobody asked for another language.
    named: 'أمينة بنعلي' },
  // What people know, and two ways to prove who they are one after the other.
  { name: 'wide-no-script-password', viewport: { width: 1280, height: 900 }, javaScriptEnabled: false, way: 2,
    factors: ['password'], amr: 'pwd' },
  { name: 'narrow-french-two-factors-keyboard', viewport: { width: 320, height: 640 }, locale: 'fr', keyboard: true, way: 3,
    factors: ['otp', 'pin'], amr: 'otp, pin' },
];

/** Presses Tab until the element that is found has the focus, as somebody does who has no pointer. */
async function focus(page, locator) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      // A box may show it on its label, which is what people look at.
      const outlined = await locator.evaluate((element) =>
        [element, ...(element.labels ?? [])].some((shown) => getComputedStyle(shown).outlineStyle !== 'none'));
      ensure(outlined, `the focus cannot be seen on ${locator}`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${locator}`);
}

class Visit {
  constructor(run, page) {
    this.run = run;
    this.page = page;
    this.photographs = 0;
    this.complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`script: ${error}`));
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      const ours = ['127.0.0.1', 'localhost'].includes(hostname) || protocol === 'data:';
      if (!ours) this.complaints.push(`a request to ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} for ${response.url()}`);
    });
  }

  async press(locator) {
    if (this.run.keyboard) await focus(this.page, locator);
    const arrived = this.page.waitForNavigation({ waitUntil: 'load' });
    await (this.run.keyboard ? this.page.keyboard.press('Enter') : locator.click());
    await arrived;
  }

  async type(locator, text) {
    if (this.run.keyboard) {
      await focus(this.page, locator);
      await this.page.keyboard.type(text);
    } else {
      await locator.fill(text);
    }
  }

  async tick(locator) {
    if (this.run.keyboard) {
      await focus(this.page, locator);
      await this.page.keyboard.press('Space');
    } else {
      await locator.check();
    }
  }

  /** Chooses one of several: with the keyboard by the arrows, since Tab reaches the one that is chosen. */
  async choose(options, index) {
    if (!this.run.keyboard) {
      await options.nth(index).check();
      return;
    }
    await focus(this.page, options.first());
    for (let presses = 0; presses < index; presses += 1) await this.page.keyboard.press('ArrowDown');
    ensure(await options.nth(index).isChecked(), `the arrows choose ${index}`);
  }

  /** Photographs a page, and looks at what every page must be. */
  async look(what) {
    const { page } = this;
    this.photographs += 1;
    const file = `${this.run.name}-${this.photographs}-${what}.png`;
    await page.screenshot({ path: path.join(SCREENSHOTS, file), fullPage: true });
    ensure((await page.locator('h1').count()) === 1, `${what}: one h1`);
    ensure((await page.locator('main').count()) === 1, `${what}: one main`);
    ensure((await page.title()).length > 0, `${what}: a title`);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    ensure(content <= window, `${what}: ${content} px wide in a window of ${window} px`);
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('input:not([type=hidden])')].filter((input) => input.labels.length === 0).length);
    ensure(unnamed === 0, `${what}: ${unnamed} fields without a label`);
    ensure(this.complaints.length === 0, `${what}: ${this.complaints.join('; ')}`);
  }
}

async function signIn(browser, running, run) {
  const { name, keyboard, named, way = 0, factors = ['otp'], amr = 'otp', ...options } = run;
  const context = await browser.newContext({ locale: 'en', ...options });
  const page = await context.newPage();
  const visit = new Visit(run, page);
  const person = running.people.find(({ outcome }) => outcome === 'usual');

  await page.goto(running.relying_party);
  await visit.look('relying-party');
  await visit.press(page.getByRole('button'));
  ensure(page.url().startsWith(running.issuer), `the button leads to the provider, not to ${page.url()}`);
  if (run.locale) ensure((await page.locator('html').getAttribute('lang')) === run.locale, 'the language of the browser');
  await visit.look('identify');

  await visit.choose(page.locator('input[name=method]'), way);
  await visit.type(page.locator('input[name=individual]'), person.individual_id);
  await visit.press(page.locator('button[value=continue]'));
  for (const factor of factors) {
    await visit.look(factor);
    await visit.type(page.locator(`input[name="answer.${factor}"]`), factor === factors.at(-1) ? '999999' : person[factor]);
    await visit.press(page.locator('button[value=continue]'));
  }
  // The ID system judges all of them together and does not say which was wrong: the first asks again.
  await visit.look('wrong');
  for (const factor of factors) {
    await visit.type(page.locator(`input[name="answer.${factor}"]`), person[factor]);
    await visit.press(page.locator('button[value=continue]'));
  }
  await visit.look('consent');

  await visit.tick(page.locator('input[name="claim.email"]'));
  await visit.press(page.locator('button[value=allow]'));
  ensure(page.url() === `${running.relying_party}/result`, `back at the relying party, not at ${page.url()}`);
  await visit.look('result');
  ensure((await page.locator('body').innerText()).includes(`\namr\n${amr}\n`), `the id_token says ${amr}`);
  const text = await page.locator('main').innerText();
  ensure(text.includes(named ?? person.name), `the result greets ${named ?? person.name}`);
  ensure(!/phone number[^,]*\+\d/i.test(text), 'what was not ticked is not there');
  await context.close();
  done(`login, ${name}`, `${visit.photographs} pages`);
}

async function cancel(browser, running) {
  const context = await browser.newContext({ locale: 'en', viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const visit = new Visit({ name: 'cancelled' }, page);
  await page.goto(running.relying_party);
  await visit.press(page.getByRole('button'));
  await visit.press(page.locator('button[value=cancel]'));
  await visit.look('denied');
  await context.close();
  done('a login that is cancelled ends with a page that says so');
}

async function weight(browser, running) {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  let bytes = 0;
  let requests = 0;
  let counting = false;
  page.on('response', async (response) => {
    if (!counting || response.status() === 303) return;
    requests += 1;
    const sizes = await response.request().sizes();
    bytes += sizes.responseBodySize + sizes.responseHeadersSize;
  });
  await page.goto(running.relying_party);
  counting = true;
  await page.getByRole('button').click();
  await page.waitForLoadState('networkidle');
  ensure(requests <= 5, `the first page takes ${requests} requests`);
  ensure(bytes <= 60_000, `the first page takes ${bytes} bytes`);
  await context.close();
  done('the first page', `${requests} requests, ${(bytes / 1000).toFixed(1)} kB without compression`);
}

await main(async () => {
  const running = await demo();
  await mkdir(SCREENSHOTS, { recursive: true });
  const executablePath = process.env.ESIGNET_BROWSER ?? '/usr/bin/chromium';
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    for (const run of RUNS) await signIn(browser, running, run);
    await cancel(browser, running);
    await weight(browser, running);
  } finally {
    await browser.close();
  }
});

// The three users' main paths in a real Chromium, in both languages: a dealer orders, ops uploads and activates an
// incentive plugin, pricing edits a rule and the dealer's price follows. The server is never restarted.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startBrowser, visit } from './browser.mjs';
import { logIn } from './log-in.mjs';
import { startPortal, userOf } from './portal.mjs';

const LANGUAGES = ['zh-CN', 'en'];
// What the pages say in each language where a test must read it.
const WORDS = {
  'zh-CN': { placed: '已下单', cancelled: '已取消', live: '生效' },
  en: { placed: 'Placed', cancelled: 'Cancelled', live: 'Live' },
};

let browser;
let portal;
before(async () => {
  [browser, portal] = await Promise.all([startBrowser(), startPortal()]);
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

/** Runs a journey as a role; no page may log an error meanwhile. */
async function as(role, language, journey, index = 0) {
  const visitor = await visit(browser, { baseURL: portal.address, language });
  await logIn(visitor.page, userOf(portal, role, index));
  assert.equal(await visitor.page.getAttribute('html', 'lang'), language);
  const result = await journey(visitor.page);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  return result;
}

/** The codes of the first products that are in stock. */
async function someSkus(page, count) {
  await page.goto('/products');
  const links = page.locator('main table a[href^="/products/"], main li a[href^="/products/"]');
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  const skus = [...new Set(addresses.map((address) => decodeURIComponent(address.split('?')[0].split('/').at(-1))))];
  assert.ok(skus.length >= count, `the catalogue shows ${skus.length} products`);
  return skus.slice(0, count);
}

const text = async (locator) => (await locator.innerText()).trim();

for (const language of LANGUAGES) {
  describe(`in ${language}`, () => {
    test('a dealer orders', async () => {
      await as('dealer-buyer', language, async (page) => {
        const [first, second] = await someSkus(page, 2);
        await page.goto('/cart');
        await page.locator('#paste-rows').fill(`${first}\t3\n${second}\t2\n${first.slice(0, -1)}?\t1`);
        await page.locator('form#paste button').click();
        // The wrong row stays, marked, with the nearest match one key away.
        await page.locator('tr.wrong').waitFor();
        assert.equal(await page.locator('tr.wrong').count(), 1);
        await page.locator('tr.wrong button[name=remove]').click();
        await page.locator('tr.wrong').waitFor({ state: 'detached' });
        const total = page.locator('#totals .total dd');
        const before = await text(total);
        await page.locator('input.qty').first().fill('5');
        await page.waitForFunction((was) => document.querySelector('#totals .total dd').innerText.trim() !== was, before);
        await page.locator('a.priced').first().click();
        await page.locator('#explain .staircase, .staircase').first().waitFor();
        if (!page.url().endsWith('/cart')) await page.goto('/cart');
        const button = page.locator('button[formaction="/orders"]');
        const owed = await text(total);
        assert.ok((await text(button)).includes(owed), `the button names the total ${owed}`);
        await button.click();
        await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
        assert.ok((await text(page.locator('h1'))).includes(WORDS[language].placed));
        assert.ok((await text(page.locator('main'))).includes(owed), 'the order owes what the button named');
        // Every line says why it costs what it costs.
        await page.locator('details.why summary').first().click();
        await page.locator('.staircase').first().waitFor();
        await page.locator('form[action$="/cancel"]').evaluate((form) => form.closest('details').setAttribute('open', ''));
        await page.locator('form[action$="/cancel"] button.danger').click();
        const yes = page.locator('dialog[open] button[value=yes]');
        if (await yes.isVisible().catch(() => false)) await yes.click();
        await page.waitForFunction((word) => document.querySelector('h1').innerText.includes(word), WORDS[language].cancelled);
      });
    });

    test('ops uploads and activates an incentive plugin, and the next settlement uses it', async () => {
      const address = await uploaded('tiered-rebate', language);
      await as('ops', language, async (page) => {
        await page.goto(address);
        await page.locator('#activate select[name=scope]').waitFor();
        await page.locator('#activate input[name=reason]').fill('journey');
        await page.locator('#activate button.primary').click();
        const yes = page.locator('dialog[open] button[value=yes]');
        if (await yes.isVisible().catch(() => false)) await yes.click();
        await page.locator('#flash .notice').waitFor();
        // "Now" is a moment ahead, so that every server of the company changes at once.
        await page.waitForTimeout(400);
        await page.goto(address);
        await page.locator('#live-now').waitFor();
        await page.goto('/settlements');
        const period = await page.locator('#periods option').first().getAttribute('value');
        await page.locator('form[action="/settlements"] input[name=period]').first().fill(period);
        await page.locator('form[action="/settlements"] button.primary').first().click();
        const sure = page.locator('dialog[open] button[value=yes]');
        if (await sure.isVisible().catch(() => false)) await sure.click();
        await page.waitForLoadState();
        await page.goto(address);
        await page.locator('section[aria-labelledby=runs] tbody tr').first().waitFor();
      });
    });

    test('pricing changes a number, and the next price follows', async () => {
      const [sku] = await as('dealer-buyer', language, (page) => someSkus(page, 1));
      const priceOf = () =>
        as('dealer-buyer', language, async (page) => {
          await page.goto(`/products/${encodeURIComponent(sku)}`);
          return text(page.locator('.staircase tfoot strong').first());
        });
      const before = await priceOf();
      await as('pricing', language, async (page) => {
        await page.goto('/plugins');
        const live = page.locator('section[aria-labelledby=kind-pricing] tbody a[href^="/plugins/"]');
        const addresses = await live.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
        const [address] = addresses;
        await page.goto(`${address.split('#')[0].split('?')[0].replace(/\/settings$/, '')}/settings`);
        for (const field of await page.locator('input[name^="/tiers/"][name$="/discount"]').all()) {
          const percent = Number(await field.inputValue());
          await field.fill(String(percent + 1));
        }
        await page.locator('input[name=note]').fill('journey');
        await page.locator('button[name=then][value=activate]').last().click();
        const yes = page.locator('dialog[open] button[value=yes]');
        if (await yes.isVisible().catch(() => false)) await yes.click();
        await page.waitForURL(/\/plugins\/[0-9a-f]{64}/);
        await page.locator('.notice.good, #flash .notice').first().waitFor();
      });
      // The new settings hold a moment after they were saved, everywhere at once.
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.notEqual(await priceOf(), before);
    });

    test('a rule that keeps failing is put back by itself, and ops is told on every page', async () => {
      const address = await uploaded('hostile', language);
      await as('ops', language, async (page) => {
        await page.goto(`${address}/settings`);
        await page.locator('[name="/deed"]').selectOption('trap');
        await page.locator('[name="/from_pieces"]').fill('500');
        await page.locator('button[name=then][value=save]').last().click();
        await page.locator('.notice.good').first().waitFor();
        await page.goto(`${address}#activate`);
        await page.locator('#activate select[name=on_failure]').selectOption('base-price');
        await page.locator('#activate input[name=from]').fill(inShanghai(Date.now() + 5_000));
        await page.locator('#activate button.primary').click();
        const yes = page.locator('dialog[open] button[value=yes]');
        if (await yes.isVisible().catch(() => false)) await yes.click();
        await page.locator('#flash .notice').waitFor();
        const standing = page.locator('ol.steps').first().locator('.badge').first();
        const scheduled = language === 'en' ? /scheduled/i : /计划|待生效|预定/;
        assert.match(await standing.textContent(), scheduled);
        // Its moment comes by itself.
        for (let tries = 0; tries < 40 && scheduled.test(await standing.textContent()); tries += 1) {
          await page.waitForTimeout(250);
          await page.reload();
        }
        assert.doesNotMatch(await standing.textContent(), scheduled);
      });
      await as('dealer-buyer', language, async (page) => {
        const [sku] = await someSkus(page, 1);
        await page.goto('/cart');
        await page.locator('#paste-rows').fill(`${sku}\t500`);
        await page.locator('form#paste button').click();
        // The rule failed: the list price stands there, to be agreed to.
        await page.locator('#totals .notice.warn').first().waitFor();
        for (let count = 0; count < 5; count += 1) await page.reload();
      });
      await as('ops', language, async (page) => {
        await page.goto('/orders');
        const alarm = page.locator('main > .notice.bad a');
        await alarm.click();
        await page.locator('section.alarm form[action$="/close"] input[name=note]').fill('journey');
        await page.locator('section.alarm form[action$="/close"] button').click();
        await page.locator('#flash .notice.good').waitFor();
        assert.equal(await page.locator('main > .notice.bad').count(), 0);
        await page.goto('/plugins');
        const failing = page.locator(`tbody a[href="${address}"]`);
        assert.equal(await failing.count(), 0, 'it holds nowhere any more');
      });
      await as('dealer-buyer', language, async (page) => {
        await page.goto('/cart');
        await page.locator('form[action="/cart/clear"] button').click();
        const yes = page.locator('dialog[open] button[value=yes]');
        if (await yes.isVisible().catch(() => false)) await yes.click();
        await page.locator('#flash .notice').waitFor();
      });
    });
  });
}

/** A moment as `datetime-local` has it, in the demo company's zone. */
function inShanghai(moment) {
  return new Date(moment).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' }).replace(' ', 'T');
}

/** Tries the version of this page over the orders of the last months, with a guard that holds. */
async function simulated(page) {
  await page.locator('form[action="/simulations"] input[name=most_cost]').fill('1,000,000,000');
  await page.locator('form[action="/simulations"] button.primary').click();
  await page.waitForURL(/\/simulations\/[0-9a-f-]{36}$/);
  await page.locator('dl.stats').waitFor();
  await page.locator('.notice.good').first().waitFor();
  await page.locator('figure.chart canvas, #months tbody tr').first().waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('a[href$="/figures.xlsx"]').click()]);
  assert.match(file.suggestedFilename(), /^simulation-.*\.xlsx$/);
}

/** Uploads a plugin as one of ops and has the other approve it; gives the address of its page. */
async function uploaded(name, language) {
  const component = await variant(name, `uploaded in ${language}`);
  const address = await as('ops', language, async (page) => {
    await page.goto('/plugins/upload');
    const file = { name: `${name}.wasm`, mimeType: 'application/wasm', buffer: component };
    await page.locator('#f-component').setInputFiles(file);
    await page.locator('form[action="/plugins/upload"] button.primary').click();
    await page.locator('#accepted').waitFor();
    const link = await page.locator('a[href$="#approve"]').getAttribute('href');
    await page.goto(link);
    // Whoever uploaded it may not approve it.
    await page.locator('#approve .notice').waitFor();
    assert.equal(await page.locator('#approve button, #activate').count(), 0);
    if (name === 'hostile') await simulated(page);
    return link.split('#')[0];
  });
  await as(
    'ops',
    language,
    async (page) => {
      await page.goto(`${address}#approve`);
      await page.locator('#approve button.primary').click();
      await page.locator('#flash .notice.good').waitFor();
    },
    1,
  );
  return address;
}

test('a phone shows every main page without a sideways scroll', async () => {
  const phone = { width: 390, height: 844 };
  for (const [role, pages] of [
    ['dealer-buyer', ['/', '/products', '/cart', '/orders', '/statements']],
    ['ops', ['/', '/orders', '/dealers', '/plugins', '/settlements', '/ranking', '/decisions']],
  ]) {
    const visitor = await visit(browser, { baseURL: portal.address, viewport: phone, colorScheme: 'dark' });
    await logIn(visitor.page, userOf(portal, role));
    for (const path of pages) {
      const answer = await visitor.page.goto(path);
      assert.equal(answer.status(), 200, path);
      const over = await visitor.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(over <= 0, `${path} is ${over} px too wide`);
    }
    assert.deepEqual(visitor.errors, []);
    await visitor.leave();
  }
});

/** A component with a note of its own in a custom section: the same rule, another digest. */
async function variant(name, note) {
  const folder = process.env.QUDAO_PLUGINS ?? join(dirname(process.env.QUDAO_BIN), '..', 'plugins');
  const component = await readFile(join(folder, `${name}.wasm`));
  const label = Buffer.from('note');
  const body = Buffer.concat([Buffer.from([label.length]), label, Buffer.from(note)]);
  assert.ok(body.length < 128, 'the length fits one byte');
  return Buffer.concat([component, Buffer.from([0, body.length]), body]);
}

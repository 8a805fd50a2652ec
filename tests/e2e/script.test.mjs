// What web/app.js and htmx do on the sample pages: live totals, keyboard, paste, dialogs, theme, charts.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { PHONE, startBrowser, visit } from './browser.mjs';
import { drawSamples, serveSamples } from './samples.mjs';

const ANSWERS = {
  'POST /cart': 'cart-show.ready.zh-CN.html',
  'POST /cart/clear': 'cart-show.empty.zh-CN.html',
  'POST /cart/lines': 'cart-_added.added.zh-CN.html',
  'POST /cart/paste': 'cart-show.wrong.zh-CN.html',
  'POST /cart/quote': 'cart-_totals.changed.zh-CN.html',
  'GET /cart/price': 'cart-_price.line.zh-CN.html',
  'POST /orders': 'orders-show.placed.zh-CN.html',
  'GET /products': 'products-index.none.zh-CN.html',
  'GET /products/suggest': 'products-_suggest.two.zh-CN.html',
  'GET /products/LJ-0192-L': 'products-show.price.zh-CN.html',
};

let browser;
let samples;
let site;
let visitor;
before(async () => {
  [browser, samples] = await Promise.all([startBrowser(), drawSamples()]);
});
after(async () => {
  await browser?.close();
  await samples?.remove();
});
beforeEach(async () => {
  site = await serveSamples(samples.folder, ANSWERS);
});
afterEach(async () => {
  // Nothing that the policy refuses, nothing that is missing, nothing that throws.
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  await site.stop();
});

async function open(sample, options = {}) {
  visitor = await visit(browser, { baseURL: site.address, ...options });
  await visitor.page.goto(`/${sample}.zh-CN.html`);
  return visitor.page;
}

/** Waits until the script has asked for something, and returns the request. */
async function asking(what) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = site.asked.find((request) => request.what === what);
    if (found) return found;
    await visitor.page.waitForTimeout(30);
  }
  return assert.fail(`${what} was not asked for, but ${site.asked.map((request) => request.what)}`);
}

test('totals follow the quantity, with the session’s token', async () => {
  const page = await open('cart-show.wrong');
  assert.equal(await page.locator('#totals [data-submit]').isEnabled(), false);
  await page.locator('#line-1 .qty').fill('20');
  const { headers, body } = await asking('POST /cart/quote');
  assert.equal(headers['x-csrf-token'], 'sample');
  assert.match(body, /sku=BK-M68S-42&quantity=20&/);
  await page.getByRole('button', { name: '下单，合计 ¥125,292.18' }).waitFor();
  assert.equal(await page.locator('#total-1').innerText(), '120,327.47');
  await page.locator('#line-1 .priced').click();
  await page.locator('#explain tfoot').waitFor();
  assert.match(await page.locator('#explain').innerText(), /目录价[^]*满 11 件减 6%/);
});

test('a new SKU is suggested, priced and the grid keeps following', async () => {
  const page = await open('cart-show.wrong');
  await page.locator('tr.blank .sku').first().pressSequentially('BK');
  assert.equal((await asking('GET /products/suggest')).url, '/products/suggest?sku=BK');
  await page.keyboard.press('Tab');
  assert.match((await asking('POST /cart')).body, /sku=BK&quantity=1&/);
  await page.locator('tr.wrong').waitFor({ state: 'detached' });
  await page.locator('#line-2 .qty').fill('25');
  await asking('POST /cart/quote');
});

test('Enter takes the nearest SKU, arrows move, Ctrl+Enter places the order', async () => {
  let page = await open('cart-show.wrong');
  await page.locator('#line-3 .sku').press('Enter');
  assert.match((await asking('POST /cart')).body, /&fix=3%3AHL-U509-B&/);
  assert.deepEqual(visitor.errors, []);
  await visitor.leave();
  page = await open('cart-show.ready');
  await page.locator('#line-1 .qty').press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.closest('tr').id), 'line-2');
  await page.keyboard.press('Control+Enter');
  assert.match((await asking('POST /orders')).body, /_csrf=sample&idempotency_key=.*expected_total_minor=12529218/);
});

test('rows pasted into the grid are sent to fill it', async () => {
  const page = await open('cart-show.ready');
  await page.locator('tr.blank .sku').first().focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'BK-M68S-42\t20\nHL-U509-R\t5');
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
  });
  assert.match((await asking('POST /cart/paste')).body, /rows=BK-M68S-42%0920%0D%0AHL-U509-R%095/);
});

test('a costly step asks first, and Escape means no', async () => {
  const page = await open('cart-show.ready');
  await page.getByRole('button', { name: '清空' }).click();
  await page.getByText('将移除全部 3 行').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#confirm').waitFor({ state: 'hidden' });
  assert.deepEqual(site.asked, []);
  await page.getByRole('button', { name: '清空' }).click();
  await page.locator('#confirm').getByRole('button', { name: '清空' }).click();
  await asking('POST /cart/clear');
});

test('the catalogue is searched from the keyboard, and the search is in the address', async () => {
  const page = await open('products-index.dealer');
  await page.locator('.adder button').first().click();
  await page.locator('.adder [role=status]').waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^Sport-100/);
  await page.keyboard.press('/');
  await page.keyboard.type('zz');
  assert.equal((await asking('GET /products')).url, '/products?q=zz&sort=name');
  await page.waitForURL('**/products?q=zz&sort=name');
});

test('a tried quantity changes the staircase and the price beside it', async () => {
  const page = await open('products-show.base');
  await page.locator('#try').fill('11');
  await page.locator('#own').getByText('12,032.7466').waitFor();
  assert.match(await page.locator('#price').innerText(), /满 11 件减 6%/);
});

test('the theme changes at once and is kept; rows are selected together; a day is typed as it is', async () => {
  const page = await open('orders-index.ops');
  await page.locator('[data-theme-switch]').click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  const cookies = await visitor.context.cookies();
  assert.equal(cookies.find((cookie) => cookie.name === 'theme').value, 'dark');
  assert.equal(await page.getByRole('button', { name: '确认所选订单' }).isEnabled(), false);
  await page.locator('[data-select-all]').check();
  await page.getByText('已选 1 单').waitFor();
  await page.locator('[name=from]').fill('2026-11-24');
  assert.equal(await page.locator('[name=from]').inputValue(), '2026-11-24');
});

test('on a phone the navigation folds, and Escape folds it again', async () => {
  const page = await open('orders-show.dealer', { viewport: PHONE });
  assert.equal(await page.locator('#nav').isVisible(), false);
  await page.getByRole('button', { name: '打开导航' }).click();
  await page.locator('#nav').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#nav').waitFor({ state: 'hidden' });
});

test('a chart draws the figures of its table', async () => {
  const page = await open('ranking.company');
  await page.locator('.chart.drawn canvas').waitFor();
  const inked = await page.locator('.chart canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((_, index) => index % 4 === 3).some((alpha) => alpha > 0);
  });
  assert.ok(inked);
});

// Takes the pictures of the README: `cargo xtask shots`. The first argument is the folder to fill.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { DESKTOP, PHONE, startBrowser, visit } from './browser.mjs';
import { logIn } from './log-in.mjs';
import { startPortal, userOf } from './portal.mjs';

const LANGUAGES = ['zh-CN', 'en'];
const SCHEMES = ['light', 'dark'];
const VIEWPORTS = [DESKTOP, PHONE];

/** To add a picture, add a line: its name, who looks (nobody when null), where, and what to do before. */
const PAGES = [
  { name: 'log-in', role: null, path: '/login' },
  { name: 'dealer-home', role: 'dealer-buyer', path: '/' },
  { name: 'quick-order', role: 'dealer-buyer', path: '/cart', before: fillCart },
  { name: 'ops-home', role: 'ops', path: '/' },
  { name: 'plugins', role: 'ops', path: '/plugins' },
  { name: 'ranking', role: 'ops', path: '/ranking' },
];

/** Five products of the catalogue in the cart, as pasted out of a spreadsheet. */
async function fillCart(page) {
  await page.goto('/products');
  const codes = await page.locator('main table code').allInnerTexts();
  await page.goto('/cart');
  const clear = page.locator('form[action="/cart/clear"] button');
  if (await clear.isVisible()) {
    await clear.click();
    await page.locator('dialog[open] button[value=yes]').click();
    await clear.waitFor({ state: 'detached' });
  }
  const rows = codes.slice(20, 25).map((code, at) => `${code}\t${(at + 1) * 12}`);
  await page.locator('#paste-rows').evaluate((box) => box.closest('details').setAttribute('open', ''));
  await page.locator('#paste-rows').fill(rows.join('\n'));
  await page.locator('form#paste button').click();
  await page.locator('#totals').waitFor();
}

const folder = process.argv[2];
if (!folder) throw new Error('usage: node shots.mjs FOLDER');
await mkdir(folder, { recursive: true });
const portal = await startPortal();
const browser = await startBrowser();
try {
  for (const language of LANGUAGES) {
    for (const colorScheme of SCHEMES) {
      for (const viewport of VIEWPORTS) {
        await takeAll({ language, colorScheme, viewport });
      }
    }
  }
} finally {
  await browser.close();
  await portal.stop();
}

async function takeAll(look) {
  for (const role of new Set(PAGES.map((each) => each.role))) {
    const visitor = await visit(browser, { baseURL: portal.address, ...look });
    if (role !== null) await logIn(visitor.page, userOf(portal, role));
    for (const { name, path, before } of PAGES.filter((each) => each.role === role)) {
      await before?.(visitor.page);
      const answer = await visitor.page.goto(path, { waitUntil: 'networkidle' });
      if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
      const file = `${name}.${look.language}.${look.colorScheme}.${look.viewport.width}.png`;
      await visitor.page.screenshot({ path: join(folder, file), fullPage: false });
      console.log(file);
    }
    await visitor.leave();
  }
}

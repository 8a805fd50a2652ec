// Takes the pictures of the README: `cargo xtask shots`. The first argument is the folder to fill.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { DESKTOP, PHONE, startBrowser, visit } from './browser.mjs';
import { logIn } from './log-in.mjs';
import { startPortal, userOf } from './portal.mjs';

const LANGUAGES = ['zh-CN', 'en'];
const SCHEMES = ['light', 'dark'];
const VIEWPORTS = [DESKTOP, PHONE];

/** To add a picture, add a line: its name, who looks (nobody when null), and where. */
const PAGES = [
  { name: 'log-in', role: null, path: '/login' },
  { name: 'dealer-home', role: 'dealer-buyer', path: '/' },
  { name: 'ops-home', role: 'ops', path: '/' },
];

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
    for (const { name, path } of PAGES.filter((each) => each.role === role)) {
      const answer = await visitor.page.goto(path, { waitUntil: 'networkidle' });
      if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
      const file = `${name}.${look.language}.${look.colorScheme}.${look.viewport.width}.png`;
      await visitor.page.screenshot({ path: join(folder, file), fullPage: false });
      console.log(file);
    }
    await visitor.leave();
  }
}

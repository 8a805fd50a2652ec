// Pictures of every sample page, to be looked at: wide and phone, light and dark, both languages.
// `cargo run -p qudao --example look -- SAMPLES && node tests/e2e/look.mjs SAMPLES PICTURES [FILTER]`
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { DESKTOP, PHONE, startBrowser, visit } from './browser.mjs';
import { serveSamples } from './samples.mjs';

const [samples, pictures, filter = ''] = process.argv.slice(2);
if (!pictures) throw new Error('usage: node tests/e2e/look.mjs SAMPLES PICTURES [FILTER]');
await mkdir(pictures, { recursive: true });
const pages = (await readdir(samples)).filter((name) => /^(?!index|.*-_).*\.html$/.test(name) && new RegExp(filter).test(name));
const site = await serveSamples(samples);
const browser = await startBrowser();
for (const viewport of [DESKTOP, PHONE]) {
  for (const colorScheme of ['light', 'dark']) {
    const { page, errors, leave } = await visit(browser, { baseURL: site.address, viewport, colorScheme });
    for (const name of pages) {
      await page.goto(`/${name}`);
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (overflows) console.log(`wider than ${viewport.width}: ${name}`);
      const picture = name.replace(/html$/, `${viewport.width}.${colorScheme}.png`);
      await page.screenshot({ path: join(pictures, picture), fullPage: true });
      for (const error of errors.splice(0)) console.log(`${name}: ${error}`);
    }
    await leave();
  }
}
await browser.close();
await site.stop();

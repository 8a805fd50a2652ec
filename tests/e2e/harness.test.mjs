// The ground of all browser tests: a Chromium that starts, draws Chinese and reports a page's errors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startBrowser, visit } from './browser.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test('Chinese is drawn with real glyphs', async () => {
  const { page, leave } = await visit(browser);
  const drawings = await page.evaluate(() => {
    const draw = (text) => {
      const canvas = document.createElement('canvas');
      const pen = canvas.getContext('2d');
      pen.font = '48px sans-serif';
      pen.fillText(text, 10, 60);
      return canvas.toDataURL();
    };
    return [...'渠道返利'].map(draw);
  });
  // Without a font that holds them, all four would be the same empty box.
  assert.equal(new Set(drawings).size, 4);
  await leave();
});

test('what a page throws is noticed', async () => {
  const { page, errors, leave } = await visit(browser);
  await page.setContent('<script>setTimeout(() => { throw new Error("on purpose"); })</script>');
  await page.waitForTimeout(100);
  assert.equal(errors.length, 1);
  assert.match(errors[0], /on purpose/);
  await leave();
});

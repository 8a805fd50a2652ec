// Starts the system's Chromium for a test, without any call of its own to the network.
import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A headless Chromium. QUDAO_CHROMIUM names it: `cargo xtask test` sets that. */
export function startBrowser() {
  const executablePath = process.env.QUDAO_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/**
 * A visitor with cookies of their own. `language` is what their browser asks for. Errors that a page
 * logs or throws are kept in `visitor.errors`: a test ends with `assert.deepEqual(visitor.errors, [])`.
 */
export async function visit(browser, { baseURL, language = 'zh-CN', viewport = DESKTOP, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({
    baseURL,
    locale: language,
    viewport,
    colorScheme,
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Shanghai',
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { context, page, errors, leave: () => context.close() };
}

// Logs a demo user in as a person would.

/** Fills the form at /login and waits for the page after it. */
export async function logIn(page, { company, email, password }) {
  await page.goto('/login');
  await page.locator('input[name=company]').fill(company);
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form[action="/login"] button.primary').click();
  await page.waitForURL((url) => url.pathname !== '/login');
}

// The sample pages of host/portal/samples, drawn by the example `look` and served with the portal's own
// Content-Security-Policy. What the script asks for is answered with a sample too, and remembered.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.html': 'text/html; charset=utf-8' };

/** Draws the samples into a folder of their own. QUDAO_BIN tells where cargo put the example. */
export async function drawSamples() {
  assert.ok(process.env.QUDAO_BIN, 'QUDAO_BIN must name the portal; `cargo xtask test --only browser` sets it');
  const look = join(dirname(process.env.QUDAO_BIN), 'examples', 'look');
  const folder = await mkdtemp(join(tmpdir(), 'qudao-look-'));
  execFileSync(look, [folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The policy as the portal sends it, read from its source so that the two cannot differ. */
async function policy() {
  const source = fileURLToPath(new URL('../../host/portal/src/web/security.rs', import.meta.url));
  const [, text] = /CONTENT_SECURITY_POLICY: &str = "([^"]+)"/.exec(await readFile(source, 'utf8'));
  return text.replace(/\\\n\s*/g, '');
}

/** Serves a folder of samples. `answers` maps `POST /cart` to a sample's file; `asked` is what came. */
export async function serveSamples(folder, answers = {}) {
  const asked = [];
  const csp = await policy();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const path = decodeURIComponent(request.url.split('?')[0]);
    const what = `${request.method} ${path}`;
    const answer = answers[what];
    if (answer) asked.push({ what, url: request.url, headers: request.headers, body });
    try {
      const bytes = await readFile(join(folder, answer ?? path));
      const type = TYPES[extname(answer ?? path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': csp }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const stop = () => new Promise((done) => { server.close(done); server.closeAllConnections(); });
  return { address: `http://127.0.0.1:${server.address().port}`, asked, stop };
}

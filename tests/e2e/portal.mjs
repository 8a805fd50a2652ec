// Starts the built portal with demo data of its own. QUDAO_BIN names the binary and
// QUDAO_E2E_DEMO the folder in which the demo data are made once for all files of tests.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
const binary = process.env.QUDAO_BIN;

/**
 * A running portal: its `address`, the demo's `users`, and `stop()`, which also removes its data.
 * Tests may change everything: each portal works on a copy.
 */
export async function startPortal() {
  assert.ok(binary, 'QUDAO_BIN must name the portal; `cargo xtask test --only browser` sets it');
  const { template, users } = await demoData();
  const folder = await mkdtemp(join(tmpdir(), 'qudao-e2e-'));
  const data = join(folder, 'data');
  await cp(template, data, { recursive: true });
  const address = `http://127.0.0.1:${await freePort()}`;
  const server = serve(address, data);
  try {
    await ready(address, server);
  } catch (error) {
    await stop(server, folder);
    throw error;
  }
  return { address, users, output: server.output, stop: () => stop(server, folder) };
}

/** The first demo user of a role, as `qudao demo --json` printed it. */
export function userOf(portal, role, index = 0) {
  const user = portal.users.filter((each) => each.role === role)[index];
  assert.ok(user, `the demo has no user ${index} of role ${role}`);
  return user;
}

async function demoData() {
  const folder = process.env.QUDAO_E2E_DEMO ?? join(tmpdir(), `qudao-e2e-demo-${process.pid}`);
  const template = join(folder, 'data');
  const printed = join(folder, 'users.json');
  const made = await readFile(printed, 'utf8').catch(() => null);
  if (made !== null) return { template, users: JSON.parse(made).users };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const options = { maxBuffer: 64 << 20 };
  const { stdout } = await promisify(execFile)(binary, ['demo', '--json', '--data-dir', template], options);
  const { users } = JSON.parse(stdout);
  // Written last: half-made data are made again.
  await writeFile(printed, stdout);
  return { template, users };
}

function serve(address, data) {
  const child = spawn(binary, ['serve', '--listen', new URL(address).host, '--data-dir', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = { child, output: [], ended: new Promise((resolve) => child.once('close', resolve)) };
  child.once('error', (error) => server.output.push(String(error)));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => server.output.push(text));
  }
  process.once('exit', () => child.kill('SIGKILL'));
  return server;
}

async function ready(address, { child, output }) {
  const end = Date.now() + START_LIMIT_MS;
  while (Date.now() < end) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await fetch(`${address}/health/ready`).catch(() => null);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`the portal is not ready at ${address}:\n${output.join('')}`);
}

async function stop({ child, ended }, folder) {
  child.kill('SIGTERM');
  const late = sleep(STOP_LIMIT_MS, 'late', { ref: false });
  if ((await Promise.race([ended, late])) === 'late') {
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

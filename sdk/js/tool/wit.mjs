// The contract's WIT files, laid out as the tools want them, and the TypeScript types made of them.

import { types } from "@bytecodealliance/jco";
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SDK = fileURLToPath(new URL("..", import.meta.url));
/** The checkout's one copy; a packed SDK brings its own. */
const PLACES = [join(SDK, "../wit"), join(SDK, "wit")];

/** What a plugin may be; each is a WIT package, a world and the name of an export. */
export const KINDS = ["pricing", "incentive", "kpi", "deal"];

/** The world of a kind. */
export const world = (kind) => `${kind}-plugin`;

/** Calls `use` with a folder that holds one kind's package, and the shared types below it. */
export async function withWit(kind, use) {
  const wit = await source();
  const folder = await mkdtemp(join(tmpdir(), "qudao-wit-"));
  try {
    await mkdir(join(folder, "deps/types"), { recursive: true });
    await cp(join(wit, `${kind}.wit`), join(folder, `${kind}.wit`));
    await cp(join(wit, "types.wit"), join(folder, "deps/types/types.wit"));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function source() {
  for (const place of PLACES) {
    if (await exists(join(place, "types.wit"))) return place;
  }
  throw new Error(`the SDK lacks its WIT files; they belong in ${PLACES[1]}`);
}

const exists = (path) => stat(path).then(Boolean, () => false);

/** Makes `generated/` unless it was made of these very WIT files. */
export async function generateTypes() {
  const wit = await source();
  const texts = await Promise.all(["types", ...KINDS].map((name) => readFile(join(wit, `${name}.wit`), "utf8")));
  const made = join(SDK, "generated");
  const stamp = texts.join("\n");
  if ((await readFile(join(made, "made-of.wit"), "utf8").catch(() => "")) === stamp) return;
  const aside = await mkdtemp(join(SDK, ".generated-"));
  for (const kind of KINDS) {
    const files = await withWit(kind, (folder) => types(folder, { worldName: world(kind), guest: true }));
    for (const [name, bytes] of Object.entries(files)) await keep(join(aside, name), bytes);
  }
  await writeFile(join(aside, "made-of.wit"), stamp);
  await rm(made, { recursive: true, force: true });
  await rename(aside, made);
}

async function keep(path, bytes) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

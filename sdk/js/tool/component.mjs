// Makes a component of a bundled plugin.

import { componentize } from "@bytecodealliance/componentize-js";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withWit, world } from "./wit.mjs";

/** A plugin imports nothing: without these the engine asks the host for no clock, randomness, stream or network. */
const DISABLED = ["stdio", "random", "clocks", "http", "fetch-event"];

/** The component's bytes. */
export async function component({ kind, source }) {
  const folder = await mkdtemp(join(tmpdir(), "qudao-plugin-"));
  try {
    const sourcePath = join(folder, "plugin.js");
    await writeFile(sourcePath, source);
    const options = { sourcePath, worldName: world(kind), disableFeatures: DISABLED };
    const made = await withWit(kind, (witPath) => componentize({ ...options, witPath }));
    return made.component;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

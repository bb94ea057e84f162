// A flags file in a folder of its own, and waiting for what will happen.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { close, open } from "../feature_flags.js";

export const FLAG = "holograph_reality_enabled";
export const OTHER = "hyperspace_ui_enabled";

/** Returns a flags file's text. */
export function flags(rollout: number | string, enabled = true): string {
  return `${FLAG}:\n  enabled: ${enabled}\n  rollout: ${rollout}\n${OTHER}:\n  enabled: false\n  rollout: 0\n`;
}

export type Stage = { folder: string; file: string; problems: string[] };

/** Makes a folder with a flags file, and opens it; both are gone when the test is over. */
export function stage(test: TestContext, text: string | undefined, name = "flags.yaml"): Stage {
  const folder = mkdtempSync(join(tmpdir(), "holograph-"));
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  const problems: string[] = [];
  open(file, { poll: 50, onProblem: (problem) => problems.push(problem.replace(`${file}: `, "")) });
  test.after(() => {
    close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, file, problems };
}

/** Replaces a file by another one, as flagctl and many editors do. */
export function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`it never happens: ${isSo}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

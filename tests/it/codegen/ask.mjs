// Asks generated modules: `node ask.mjs JOBS FOLDER`, where FOLDER has the compiler among its packages.
//
// JOBS is {modules: [text], jobs: [{module, file, asks: [{flag, user}]}]}: which module opens which flags file, and
// what it is asked then.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [list, folder] = process.argv.slice(2);
const typescript = createRequire(join(folder, "package.json"))("typescript");
const made = mkdtempSync(join(tmpdir(), "flagctl-modules-"));
const { modules, jobs } = JSON.parse(readFileSync(list, "utf8"));

async function imported(text, index) {
  const path = join(made, `${index}.mjs`);
  const options = { target: "es2022", module: "es2022" };
  writeFileSync(path, typescript.transpileModule(text, { compilerOptions: options }).outputText);
  return import(pathToFileURL(path).href);
}

const ready = await Promise.all(modules.map(imported));
const answers = [];
for (const { module, file, asks } of jobs) {
  const flags = ready[module];
  flags.open(file, { onProblem: () => {} });
  const answer = ({ flag, user }) => ({ bucket: flags.bucket(flag, user), on: flags.isEnabled(flag, user) });
  answers.push({ exposures: flags.exposures(), problems: flags.health().problems, answers: asks.map(answer) });
  flags.close();
}
rmSync(made, { recursive: true });
process.stdout.write(JSON.stringify(answers));

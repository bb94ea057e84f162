// What the module makes of its file, whatever happens to that.

import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { close, exposures, featureFlags, health, isEnabled, onDecision, open, reload, type FlagName } from "../feature_flags.js";
import { FLAG, OTHER, flags, replace, stage, until } from "./stage.js";

const at = (): number => exposures()[FLAG];

test("without a file all flags are off", () => {
  close();
  assert.equal(isEnabled(FLAG, "user-1"), false);
  assert.equal(featureFlags.holograph_reality_enabled, false);
  assert.deepEqual(health(), { file: undefined, readAt: undefined, problems: [] });
});

test("the file is in force as soon as it is opened", (t) => {
  stage(t, flags(100));
  assert.deepEqual(exposures(), { [FLAG]: 100, [OTHER]: 0 });
  assert.equal(isEnabled(FLAG, "user-1"), true);
});

test("a file that is replaced is taken", async (t) => {
  const { file } = stage(t, flags(0));
  for (const percent of [5, 25, 50, 100, 0, 12.5]) {
    replace(file, flags(percent));
    await until(() => at() === percent);
  }
});

test("a file that is written in place is taken", async (t) => {
  const { file } = stage(t, flags(5));
  for (const percent of [6, 7, 8, 9, 1, 2]) {
    writeFileSync(file, flags(percent));
    await until(() => at() === percent);
  }
});

test("what is half written is never in force", async (t) => {
  const { file } = stage(t, flags(0, false));
  const seen = new Set<number>();
  for (let round = 0; round < 20; round += 1) {
    // In between, the file says 100 and doesn't say yet that it is off.
    writeFileSync(file, `${FLAG}:\n  rollout: 100\n`);
    const looking = reload();
    await new Promise((done) => setImmediate(done));
    writeFileSync(file, `${FLAG}:\n  rollout: 100\n  enabled: false\n`);
    await looking;
    seen.add(at());
  }
  assert.deepEqual([...seen], [0]);
});

test("a file that is gone keeps what was last known, and may come back", async (t) => {
  const { file, problems } = stage(t, flags(100));
  rmSync(file);
  await until(() => problems.length > 0);
  assert.match(problems[0] ?? "", /ENOENT/);
  assert.equal(at(), 100);
  writeFileSync(file, flags(25));
  await until(() => at() === 25);
  assert.deepEqual(health().problems, []);
});

test("a folder that is gone may come back too", async (t) => {
  const { file, problems } = stage(t, flags(100));
  rmSync(dirname(file), { recursive: true });
  await until(() => problems.length > 0);
  mkdirSync(dirname(file));
  writeFileSync(file, flags(50));
  await until(() => at() === 50);
  replace(file, flags(5));
  await until(() => at() === 5);
});

test("a link to a folder that is exchanged is followed, as Kubernetes does it", async (t) => {
  const { folder } = stage(t, undefined);
  for (const [name, percent] of [["one", 5], ["two", 50]] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "flags.yaml"), flags(percent));
  }
  symlinkSync("one", join(folder, "data"));
  symlinkSync("data/flags.yaml", join(folder, "linked.yaml"));
  open(join(folder, "linked.yaml"), { poll: 50 });
  assert.equal(at(), 5);
  symlinkSync("two", join(folder, "data.new"));
  renameSync(join(folder, "data.new"), join(folder, "data"));
  await until(() => at() === 50);
});

test("a missing file is off, and taken when it comes", async (t) => {
  const { file, problems } = stage(t, undefined);
  assert.equal(at(), 0);
  assert.equal(problems.length, 1);
  writeFileSync(file, flags(100));
  await until(() => at() === 100);
});

for (const [what, text] of [
  ["broken", `${flags(100)}  oops: [\n`],
  ["empty", ""],
  ["a scalar", "soon\n"],
  ["no YAML", "}{"],
  ["beyond doubt only with aliases", `a: &a {enabled: true}\n${FLAG}: {<<: *a, rollout: 100}\n`],
  ["two documents", `${flags(100)}---\n${flags(100)}`],
  ["not UTF-8", Buffer.from([0x61, 0xff, 0x3a, 0x20, 0x31, 0x0a])],
] as const) {
  test(`a file that is ${what} changes nothing, and is told once`, async (t) => {
    const { file, problems } = stage(t, flags(25));
    writeFileSync(file, text);
    await until(() => problems.length > 0);
    assert.equal(at(), 25);
    await reload();
    await reload();
    assert.equal(problems.length, 1, problems.join("\n"));
    replace(file, flags(50));
    await until(() => at() === 50);
  });
  test(`a file that is ${what} at the start leaves all flags off`, (t) => {
    const { file } = stage(t, undefined);
    writeFileSync(file, text);
    open(file, { poll: 50, onProblem: () => {} });
    assert.deepEqual(exposures(), { [FLAG]: 0, [OTHER]: 0 });
    assert.equal(health().problems.length, 1);
  });
}

test("a file that is broken below takes a flag away, but gives it to nobody", async (t) => {
  const { file, problems } = stage(t, flags(25));
  writeFileSync(file, `${flags(50)}\tbroken: [\n`);
  await until(() => problems.length > 0);
  assert.equal(at(), 25);
  replace(file, `${flags(0, false)}\tbroken: [\n`);
  await until(() => at() === 0);
});

test("a value that can't be read keeps its own flag as it was, and no other", async (t) => {
  const { file, problems } = stage(t, flags(25));
  replace(file, flags("5%").replace("enabled: false\n  rollout: 0", "enabled: true\n  rollout: 75"));
  await until(() => exposures()[OTHER] === 75);
  assert.equal(at(), 25);
  assert.match(problems.join("\n"), /"holograph_reality_enabled" stays as it was/);
});

test("a flag that is not in the file is off", async (t) => {
  const { file, problems } = stage(t, flags(100));
  replace(file, `${OTHER}: {enabled: true, rollout: 5}\n`);
  await until(() => at() === 0);
  assert.match(problems.join("\n"), /has no flag/);
});

test("a flag that nobody declared is off", (t) => {
  stage(t, flags(100));
  assert.equal(isEnabled("constructor" as FlagName, "user-1"), false);
  assert.equal((featureFlags as unknown as Record<string, unknown>)["toString"], undefined);
});

test("JSON is read as JSON", async (t) => {
  const json = (rollout: number): string => JSON.stringify({ [FLAG]: { enabled: true, rollout } });
  const { file, problems } = stage(t, json(12.5), "flags.json");
  assert.equal(at(), 12.5);
  writeFileSync(file, json(25).replace("}}", "},}"));
  await until(() => problems.some((problem) => problem.includes("JSON")));
  assert.equal(at(), 12.5);
});

test("a file that shrinks and grows ends as it says", async (t) => {
  const { file } = stage(t, flags(5));
  for (let round = 0; round < 50; round += 1) {
    truncateSync(file);
    writeFileSync(file, flags(round));
  }
  await until(() => at() === 49);
});

test("listeners hear every decision, and break none", async (t) => {
  const { problems } = stage(t, flags(100));
  const heard: string[] = [];
  const ends = [
    onDecision(() => {
      throw new Error("no");
    }),
    onDecision(({ flag, variant, on }) => heard.push(`${flag} ${variant} ${on}`)),
  ];
  assert.equal(isEnabled(FLAG, "user-1"), true);
  assert.equal(isEnabled(OTHER, "user-1"), false);
  for (const end of ends) end();
  isEnabled(FLAG, "user-1");
  assert.deepEqual(heard, [`${FLAG} on true`, `${OTHER} off false`]);
  assert.match(problems.join("\n"), /a listener of decisions failed: no/);
});

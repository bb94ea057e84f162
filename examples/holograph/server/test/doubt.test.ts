// A text in doubt can take a flag away from users, never give it to them.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { bucket, exposures, health, isEnabled, open, reload, withUser, featureFlags, type FlagName } from "../feature_flags.js";
import { FLAG, OTHER, flags, replace, stage, until } from "./stage.js";

const at = (): number => exposures()[FLAG];
const named = (name: FlagName): string => JSON.stringify(name);

const both = (one: string, other: string): string =>
  `${FLAG}:\n  description: "a"\n  enabled: true\n  rollout: ${one}\n${OTHER}:\n  rollout: ${other}\n  enabled: false\n`;

test("wherever a text is cut, nobody is given more than it says, at the start", (t) => {
  const { file } = stage(t, undefined);
  const text = both("12.5", "75");
  for (let cut = 0; cut <= text.length; cut += 1) {
    writeFileSync(file, text.slice(0, cut));
    open(file, { poll: 60_000, onProblem: () => {} });
    assert.ok(at() <= 12.5 && exposures()[OTHER] === 0, `${text.slice(0, cut)}: ${JSON.stringify(exposures())}`);
  }
  assert.equal(at(), 12.5);
});

test("wherever a text is cut, nobody is given more than before or after, in a running service", async (t) => {
  const { file } = stage(t, undefined);
  const text = both("50", "75");
  for (let cut = 0; cut <= text.length; cut += cut % 2 === 0 ? 1 : 3) {
    writeFileSync(file, both("25", "0"));
    open(file, { poll: 60_000, onProblem: () => {} });
    await reload();
    writeFileSync(file, text.slice(0, cut));
    await reload();
    assert.ok(at() <= 50 && exposures()[OTHER] === 0, `${text.slice(0, cut)}: ${JSON.stringify(exposures())}`);
  }
});

test("a flag that loses its percentage stays as it was, and is off when the file has stood", async (t) => {
  const { file, problems } = stage(t, flags(25));
  writeFileSync(file, flags(25).replace("  rollout: 25\n", ""));
  await until(() => problems.length > 0);
  assert.equal(at(), 25);
  assert.deepEqual(health().problems, problems.map((problem) => `${problem}`));
  await until(() => at() === 0);
  const lost = "is given to nobody new: it has no percentage, and had one when this module was written";
  assert.deepEqual(problems, [`${named(FLAG)} ${lost}`]);
  writeFileSync(file, flags(25));
  await until(() => at() === 25);
  assert.deepEqual(health().problems, []);
});

test("a flag that loses what it got later is as written when the file has stood", async (t) => {
  const salted = flags(50).replace("  rollout: 50\n", "  rollout: 50\n  salt: pinned\n");
  const { file, problems } = stage(t, salted);
  await reload();
  const pinned = bucket(FLAG, "user-1");
  writeFileSync(file, flags(50));
  await until(() => problems.length > 0);
  assert.equal(bucket(FLAG, "user-1"), pinned);
  assert.deepEqual(problems, [`${named(FLAG)} is given to nobody new until the file has stood for a second: it has lost its salt`]);
  await until(() => bucket(FLAG, "user-1") !== pinned);
  assert.equal(at(), 50);
  assert.deepEqual(health().problems, []);
});

for (const [what, text] of [
  ["ends within a line", flags(50).trimEnd()],
  ["is shorter than before", flags(50).replace("  rollout: 0\n", "").replace("enabled: false", "enabled: no")],
] as const) {
  test(`a text that ${what} gives nobody more until it has stood`, async (t) => {
    const { file, problems } = stage(t, flags(25));
    await reload();
    writeFileSync(file, text);
    await until(() => problems.length > 0);
    assert.equal(at(), 25);
    assert.match(problems.join("\n"), /until the file has stood for a second: the text is shorter than before, or ends/);
    await until(() => at() === 50);
    assert.deepEqual(health().problems, []);
  });
}

test("a file that is put in place of the old one is in force at once, as flagctl does it", async (t) => {
  const { file, problems } = stage(t, flags(5, false));
  await reload();
  for (const text of [flags(5), flags(25).replace("  rollout: 0\n", ""), `{"${FLAG}": {"enabled": true, "rollout": 75}, "${OTHER}": {}}`]) {
    replace(file, text);
    await reload();
    assert.equal(at(), Number(/rollout"?: (\d+)/.exec(text)?.[1]));
  }
  assert.deepEqual(problems, []);
});

test("a number is an id too, by its digits; what is neither is told once", (t) => {
  const { problems } = stage(t, flags(50));
  for (let user = 0; user < 50; user += 1) {
    assert.equal(isEnabled(FLAG, user), isEnabled(FLAG, String(user)));
    assert.equal(isEnabled(FLAG, BigInt(user)), isEnabled(FLAG, String(user)));
    assert.equal(withUser(user, () => featureFlags[FLAG]), isEnabled(FLAG, String(user)));
  }
  for (const odd of [Number.NaN, 2 ** 53, {}, ["user-2"], true, Symbol("user-2")] as unknown[]) {
    assert.equal(isEnabled(FLAG, odd as string), false);
  }
  isEnabled(FLAG, null as unknown as undefined);
  assert.deepEqual(problems.map((problem) => problem.replace(/^.*: (?=the number)/, "")), [
    "the number NaN was asked for as a user: an id is a text or a whole number, and nobody else has one",
  ]);
});

test("without a path nothing is opened, and that is told", () => {
  const problems: string[] = [];
  open(undefined as unknown as string, { onProblem: (problem) => problems.push(problem) });
  assert.deepEqual(problems, ["undefined: `open` needs the path of the flags file"]);
  assert.equal(isEnabled(FLAG, "user-1"), false);
});

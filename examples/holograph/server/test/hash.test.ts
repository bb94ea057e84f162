// Who is in: what `flagctl codegen json-vectors` says of the sample's flags.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bucket, isEnabled, type FlagName } from "../feature_flags.js";
import { FLAG, flags, stage } from "./stage.js";

type Vector = { flag: FlagName; user: string; bucket: number; in_at: Record<string, boolean> };

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../../test/vectors.json", import.meta.url), "utf8")).vectors;

test("every vector has its bucket", () => {
  assert.ok(vectors.length > 40);
  for (const vector of vectors) assert.equal(bucket(vector.flag, vector.user), vector.bucket, vector.user);
});

test("every vector is in from its percentage on", (t) => {
  for (const percent of Object.keys(vectors[0]?.in_at ?? {})) {
    stage(t, flags(percent));
    for (const { user, in_at } of vectors.filter(({ flag }) => flag === FLAG)) {
      assert.equal(isEnabled(FLAG, user), in_at[percent], `${JSON.stringify(user)} at ${percent} %`);
    }
  }
});

test("a user without an identity is in at 100 % only", (t) => {
  stage(t, flags("99.999"));
  for (const user of [undefined, "", null, {}]) assert.equal(isEnabled(FLAG, user as string), false);
  stage(t, flags("100"));
  for (const user of [undefined, "", null, {}]) assert.equal(isEnabled(FLAG, user as string), true);
});

test("a salt of its own decides who is in", (t) => {
  const before = bucket(FLAG, "user-1");
  stage(t, flags(5).replace("  rollout: 5", "  salt: another\n  rollout: 5"));
  assert.notEqual(bucket(FLAG, "user-1"), before);
  stage(t, flags(5).replace("  rollout: 5", "  salt: ''\n  rollout: 5"));
  assert.equal(bucket(FLAG, "user-1"), before);
});

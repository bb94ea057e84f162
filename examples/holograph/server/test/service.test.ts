// The service, over HTTP.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { app } from "../app.js";
import { bucket, currentUser, withUser } from "../feature_flags.js";
import { FLAG, OTHER, flags, replace, stage, until } from "./stage.js";

async function serve(test: TestContext): Promise<(path: string, user?: string, method?: string) => Promise<Response>> {
  const server = app().listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return (path, user, method = "GET") => fetch(url + path, { method, headers: user === undefined ? {} : { "x-user-id": user } });
}

test("no route of the module is reached without the flag", async (t) => {
  stage(t, flags(0));
  const ask = await serve(t);
  for (const [method, path] of [["GET", "/holograph"], ["POST", "/holograph/render"], ["GET", "/holograph/none"], ["DELETE", "/holograph"]]) {
    const answer = await ask(path ?? "", "user-1", method);
    assert.equal(answer.status, 403);
    assert.deepEqual(await answer.json(), { error: "Feature not enabled" });
  }
  assert.equal((await ask("/none", "user-1")).status, 404);
});

test("each of many requests at once is its own user's", async (t) => {
  stage(t, flags(50));
  const ask = await serve(t);
  const users = Array.from({ length: 300 }, (_, user) => `user-${user}`);
  const answers = await Promise.all(users.map((user) => ask("/holograph", user)));
  for (const [index, user] of users.entries()) {
    const answer = answers[index];
    assert.equal(answer?.status, bucket(FLAG, user) < 50_000 ? 200 : 403, user);
    if (answer?.status === 200) assert.equal(((await answer.json()) as { user: string }).user, user);
  }
  assert.equal((await ask("/holograph")).status, 403);
});

test("a user is known through waits, and no further", async () => {
  const pause = (): Promise<void> => new Promise((done) => setTimeout(done, Math.random() * 5));
  const told = await Promise.all(
    ["ada", "bob", undefined, "eve"].map((user) => withUser(user, async () => (await pause(), await pause(), currentUser()))),
  );
  assert.deepEqual(told, ["ada", "bob", undefined, "eve"]);
  assert.equal(currentUser(), undefined);
});

test("a rollback is in force for the next request, without a restart", async (t) => {
  const { file } = stage(t, flags(100));
  const ask = await serve(t);
  assert.equal((await ask("/holograph", "user-1")).status, 200);
  replace(file, flags(0, false));
  await until(async () => (await ask("/holograph", "user-1")).status === 403);
});

test("requests are counted by flag, variant and code", async (t) => {
  stage(t, flags(100));
  const ask = await serve(t);
  const count = async (code: string, variant: string): Promise<number> => {
    const page = await (await ask("/metrics")).text();
    const line = `http_requests_total{flag="${FLAG}",variant="${variant}",code="${code}"} `;
    return Number(page.split(line)[1]?.split("\n")[0]);
  };
  const before = await Promise.all([count("200", "on"), count("500", "on"), count("403", "off")]);
  assert.equal((await ask(`/misbehave/${FLAG}`, undefined, "PUT")).status, 204);
  const statuses: number[] = [];
  for (let round = 0; round < 8; round += 1) statuses.push((await ask("/holograph", "user-1")).status);
  assert.equal((await ask(`/misbehave/${FLAG}`, undefined, "DELETE")).status, 204);
  assert.equal(statuses.filter((status) => status === 500).length, 2);
  const after = await Promise.all([count("200", "on"), count("500", "on"), count("403", "off")]);
  assert.deepEqual(after.map((now, index) => now - (before[index] ?? 0)), [6, 2, 0]);
  const page = await (await ask("/metrics")).text();
  assert.ok(page.includes(`flag_exposure_percent{flag="${FLAG}"} 100\n`) && page.includes(`flag_exposure_percent{flag="${OTHER}"} 0\n`));
  assert.ok(((await (await ask("/healthz")).json()) as { ok: boolean }).ok);
});

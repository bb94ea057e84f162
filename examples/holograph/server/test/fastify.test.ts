// The same module behind Fastify: each request is its own user's, also after a body was read.

import assert from "node:assert/strict";
import { test } from "node:test";
import fastify, { type FastifyRequest } from "fastify";
import { bucket, currentUser, featureFlags, perUser } from "../feature_flags.js";
import { FLAG, flags, stage } from "./stage.js";

test("a hook of Fastify tells the user", async (t) => {
  stage(t, flags(50));
  const app = fastify();
  app.addHook("onRequest", perUser((request: FastifyRequest) => request.headers["x-user-id"]?.toString()));
  app.post("/", async () => {
    await new Promise((done) => setTimeout(done, Math.random() * 5));
    return { user: currentUser(), on: featureFlags[FLAG] };
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  t.after(() => app.close());
  const ask = async (user: string): Promise<unknown> => {
    const headers = { "x-user-id": user, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify({ long: "x".repeat(100_000) }) })).json();
  };
  const users = Array.from({ length: 50 }, (_, user) => `user-${user}`);
  const expected = users.map((user) => ({ user, on: bucket(FLAG, user) < 50_000 }));
  assert.deepEqual(await Promise.all(users.map(ask)), expected);
});

// A switch to play with: the module of a flag fails for one request in four of those who have it.

import { Router } from "express";
import type { FlagName } from "./feature_flags.js";

const misbehaving = new Set<string>();
let calls = 0;

/** Throws for every fourth call while the module of this flag is to misbehave. */
export function mayFail(flag: FlagName): void {
  if (!misbehaving.has(flag)) return;
  calls += 1;
  if (calls % 4 === 0) throw new Error(`${flag} misbehaves`);
}

export const misbehave = Router();

misbehave.put("/:flag", (req, res) => {
  misbehaving.add(req.params.flag);
  res.status(204).end();
});

misbehave.delete("/:flag", (req, res) => {
  misbehaving.delete(req.params.flag);
  res.status(204).end();
});

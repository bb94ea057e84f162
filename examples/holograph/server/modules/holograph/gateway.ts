// The only way into the module: nothing of it is reached but through this router, and nothing here but through its guard.

import { Router } from "express";
import { currentUser, featureFlags } from "../../feature_flags.js";
import { counted } from "../../metrics.js";
import { mayFail } from "../../misbehave.js";

export const gateway = Router();

gateway.use(counted("holograph_reality_enabled"));

gateway.use((_req, res, next) => {
  if (!featureFlags.holograph_reality_enabled) {
    return res.status(403).json({ error: 'Feature not enabled' });
  }
  return next();
});

gateway.get("/", (_req, res) => {
  mayFail("holograph_reality_enabled");
  res.json({ user: currentUser(), shows: "a hologram" });
});

gateway.post("/render", (_req, res) => {
  mayFail("holograph_reality_enabled");
  res.status(202).json({ user: currentUser(), renders: "a hologram" });
});

// What the service answers, and to whom: every request is handled for its user.

import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { exposures, health, perUser } from "./feature_flags.js";
import { metrics } from "./metrics.js";
import { misbehave } from "./misbehave.js";
import { gateway as holograph } from "./modules/holograph/gateway.js";
import { gateway as hyperspace } from "./modules/hyperspace/gateway.js";

/** Makes the service. A user is known by the header `x-user-id`: a stand-in for what a session would tell. */
export function app(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get("/healthz", (_req, res) => {
    const { problems, readAt } = health();
    res.json({ ok: true, flags: { readAt, problems, exposures: exposures() } });
  });
  app.use("/metrics", metrics);
  app.use("/misbehave", misbehave);
  app.use(perUser((req: Request) => req.get("x-user-id")));
  app.use("/holograph", holograph);
  app.use("/hyperspace", hyperspace);
  app.use((_req, res) => void res.status(404).json({ error: "Not found" }));
  app.use((error: Error, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ error: error.message });
  });
  return app;
}

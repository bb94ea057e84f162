// What Prometheus is told: requests by flag, variant of the user and status code; the exposure that is served.

import { type RequestHandler, Router } from "express";
import { Counter, Gauge, Registry } from "prom-client";
import { exposures, onDecision, type FlagName, type Variant } from "./feature_flags.js";

const registry = new Registry();

const requests = new Counter({
  name: "http_requests_total",
  help: "Requests of a module behind a flag, by variant of the user and status code.",
  labelNames: ["flag", "variant", "code"] as const,
  registers: [registry],
});

const decisions = new Counter({
  name: "flag_decisions_total",
  help: "How often users were told that they have a flag (on) or don't (off).",
  labelNames: ["flag", "variant"] as const,
  registers: [registry],
});

new Gauge({
  name: "flag_exposure_percent",
  help: "The exposure that this instance serves, by flag.",
  labelNames: ["flag"] as const,
  registers: [registry],
  collect() {
    for (const [flag, percent] of Object.entries(exposures())) this.set({ flag }, percent);
  },
});

onDecision(({ flag, variant }) => decisions.inc({ flag, variant }));

/** Counts every request of a module with the variant that its guard decided on. */
export function counted(flag: FlagName): RequestHandler {
  // Series that are there from the start: what is not shown can't be told from what is not measured.
  for (const code of ["200", "500"]) requests.inc({ flag, variant: "on", code }, 0);
  requests.inc({ flag, variant: "off", code: "403" }, 0);
  return (_req, res, next) => {
    let variant: Variant = "off";
    // The guard comes next, and decides before this returns: no other request can come between.
    const end = onDecision((decision) => {
      if (decision.flag === flag) variant = decision.variant;
    });
    res.once("finish", () => requests.inc({ flag, variant, code: String(res.statusCode) }));
    try {
      next();
    } finally {
      end();
    }
  };
}

export const metrics = Router();

metrics.get("/", async (_req, res) => {
  res.type(registry.contentType).send(await registry.metrics());
});

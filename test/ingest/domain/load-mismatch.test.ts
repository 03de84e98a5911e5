import { expect, test } from "vitest";
import { type AlertedTripStop, assessLoad } from "../../../ingest/domain/alert/load-mismatch.ts";
import type { AlertRule } from "../../../ingest/domain/alert/rule.ts";

const RULE = {
  ...{ id: 1, version: 1, severity: "warning", locationIds: null, createdAt: 0 },
  ...{ type: "load_mismatch", params: { hold_seconds: 10 } },
} as AlertRule;
const unit = { shipmentId: 3, sscc: null, epc: null, at: null, by: null };
const stop = (more: Partial<AlertedTripStop>): AlertedTripStop => ({
  ...{ tripId: 5, sequence: 1, locationId: 7, finalAt: 1_000, plansGoods: true, trackingNumbers: new Map() },
  load: { missing: [], extra: [unit] },
  unload: { missing: [], extra: [] },
  ...more,
});

test.each<[string, Partial<AlertedTripStop>, "raised" | "clear" | undefined]>([
  ["something is on it that is not planned", {}, "raised"],
  ["nothing is missing or extra", { load: { missing: [], extra: [] } }, "clear"],
  ["the trip names no goods at all: then nothing is otherwise than planned", { plansGoods: false }, "clear"],
  ["the vehicle still stands there", { finalAt: null }, undefined],
])("a load is assessed when %s", (_, more, level) => {
  expect(assessLoad(RULE, stop(more))?.level).toBe(level);
});

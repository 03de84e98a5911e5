import { expect, test } from "vitest";
import { notifyChanges } from "../../../ingest/stores/writes/change-notice.ts";

const payloadOf = (notice: Parameters<typeof notifyChanges>[0]) =>
  JSON.parse(String(notifyChanges(notice).params[0])) as Record<string, unknown>;

test("a notice lists what it can: only the longest topics are named without their keys", () => {
  const devices = Array.from({ length: 1_000 }, (_, at) => `bench-truck-${at}`);
  const positions = Array.from({ length: 1_000 }, (_, at) => at);
  expect(payloadOf({ shipments: [7], positions, devices })).toEqual({ shipments: [7], positions, devices: null });
  const many = Array.from({ length: 5_000 }, (_, at) => at);
  expect(payloadOf({ shipments: [7], stock: many, positions: many, devices })).toEqual({
    shipments: [7],
    stock: null,
    positions: null,
    devices: null,
  });
  expect(payloadOf({ shipments: [7] })).toEqual({ shipments: [7] });
});

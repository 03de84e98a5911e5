import { expect, test } from "vitest";
import type { AvlRecord } from "../../../ingest/decoders/teltonika-record.ts";
import { vehicleOf } from "../../../ingest/decoders/teltonika-vehicle.ts";

const CARD = "00000000c0ffee01";
const NONE = "0000000000000000";

test.each([
  ["an iButton", [[78, CARD]], CARD],
  ["a card at the RFID reader", [[207, CARD]], CARD],
  [
    "a card beside a reader of iButtons that holds none",
    [
      [78, NONE],
      [207, CARD],
    ],
    CARD,
  ],
  ["nothing in either reader", [[78, NONE]], undefined],
  ["no reader", [], undefined],
] as const)("who drives is told by %s", (_, ids, driver) => {
  const record = { inputs: new Map(), ids: new Map<number, string>(ids), cause: 0 } as unknown as AvlRecord;
  expect(vehicleOf(record)["driver"]).toBe(driver);
});

import { expect, test } from "vitest";
import { decodeNmea } from "../../../ingest/decoders/nmea.ts";
import { correctWeekRollover } from "../../../ingest/decoders/time/week-rollover.ts";

const WEEKS_1024 = 1024 * 7 * 86_400_000;
const receivedAt = Date.parse("2026-11-21T10:00:00Z");

test.each<[string, number, number]>([
  ["a right time keeps it", receivedAt, receivedAt],
  ["1,024 weeks too early is corrected", receivedAt - 2_000 - WEEKS_1024, receivedAt - 2_000],
  ["2,048 weeks too early is corrected", receivedAt - 2_000 - 2 * WEEKS_1024, receivedAt - 2_000],
  [
    "a buffered fix of two months ago is corrected",
    receivedAt - 60 * 86_400_000 - WEEKS_1024,
    receivedAt - 60 * 86_400_000,
  ],
  ["a drive of 2014 keeps its time", Date.parse("2014-09-10T04:54:07Z"), Date.parse("2014-09-10T04:54:07Z")],
  ["a log of 1994 keeps its time", Date.parse("1994-03-23T12:35:19Z"), Date.parse("1994-03-23T12:35:19Z")],
  ["a clock that is ahead keeps its time", receivedAt + 3_600_000, receivedAt + 3_600_000],
])("%s", (_, ts, expected) => {
  expect(correctWeekRollover(ts, receivedAt)).toBe(expected);
});

test("the NMEA decoder corrects a rolled-over date", () => {
  // 2007-04-07 is 2026-11-21 less 1,024 weeks.
  const body = "GPRMC,095958.00,A,4807.0380,N,01131.0000,E,000.0,000.0,070407,,,A";
  const checksum = Buffer.from(body).reduce((sum, byte) => sum ^ byte, 0);
  const payload = Buffer.from(`$${body}*${checksum.toString(16).toUpperCase().padStart(2, "0")}`, "latin1");
  const { readings, warnings } = decodeNmea({ topic: "devices/d1/raw", deviceId: "d1", payload, receivedAt });
  expect(readings[0]?.content.ts).toBe(Date.parse("2026-11-21T09:59:58Z"));
  expect(readings[0]?.timeCorrected).toBe(true);
  expect(warnings).toEqual([
    expect.stringContaining("2007-04-07 is wrong by a GPS week rollover, corrected to 2026-11-21"),
  ]);
});

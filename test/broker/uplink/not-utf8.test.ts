import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { type Ingest, startIngest } from "../../../ingest/start.ts";
import { addDevice, eventually, log, startPlatform, type TestPlatform } from "../platform.ts";

let platform: TestPlatform;
let ingest: Ingest;
beforeAll(async () => {
  platform = await startPlatform({ webSocket: { host: "127.0.0.1", port: 0, tls: false } });
  const { pool, listener, dataDir } = platform;
  ingest = await startIngest({
    pool,
    listener,
    openJournal: () => openJournalReader({ directory: `${dataDir}/journal`, log }),
    influx: undefined,
    seriesCursorPath: `${dataDir}/series.json`,
    retentionRawDays: 30,
    retentionRollupDays: 1825,
    records: { quarantineDays: 30, auditDays: 730 },
    log,
  });
});
afterAll(async () => {
  await ingest?.close();
  await platform?.close();
});

test.each([
  ["native", "env", '{"ts":1780000000000,"celsius":4,"note":"M\xfcnchen"}'],
  ["owntracks", "gps", '{"_type":"location","tst":1780000000,"lat":48.1,"lon":11.5,"note":"\xe9"}'],
  ["osmand", "gps", "timestamp=1780000000&lat=48.1&lon=11.5&note=\xe9"],
  ["thingsboard", "env", '{"temperature":4,"note":"\xe9"}'],
  ["impinj", "rfid", '[{"timestamp":"2026-05-04T06:00:00Z","note":"\xe9"}]'],
  ["zebra", "rfid", '{"timestamp":"2026-05-04T06:00:00Z","note":"\xe9"}'],
])(
  "a body for %s that is not UTF-8 is taken by HTTP, and stands in quarantine as it came",
  async (decoder, kind, text) => {
    const id = `latin-${decoder}`;
    const secret = await addDevice(platform.pool, id, null, decoder);
    await platform.pool.query("UPDATE devices SET kind = $2 WHERE id = $1", [id, kind]);
    const body = Buffer.from(text, "latin1");
    const url = `http://127.0.0.1:${platform.broker.wsPort}/ingest/${decoder}?id=${id}&kind=${kind}`;
    const headers = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
    await eventually(async () => (await fetch(url, { method: "POST", headers, body })).status === 200);
    const rows = async () =>
      (
        await platform.pool.query<{ reason: string; detail: string; payload: Buffer }>(
          "SELECT reason, detail, payload FROM quarantine WHERE device_id = $1",
          [id],
        )
      ).rows;
    await eventually(async () => (await rows()).length > 0);
    expect((await rows())[0]).toEqual({ reason: "not-json", detail: "the payload is not UTF-8", payload: body });
  },
);

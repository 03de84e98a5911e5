import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import pino from "pino";
import { expect, test } from "vitest";
import { createPublisher } from "../../simulators/run/publisher.ts";
import { readTrack } from "../../simulators/replay/track-file.ts";
import { replay } from "../../simulators/replay/replay.ts";
import { requires } from "../support/requires.ts";

const mosquitto = requires("mosquitto");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("tracks of the formats loggers write are read alike", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tracks-"));
  const files = {
    "a.csv": "Latitude;Longitude;DateTime\n48.1;11.5;2014-09-10 06:54:07+0200\n",
    "b.json": '[{"point":"POINT(11.5 48.1)","time":"2014-09-10 06:54:07+0200"}]',
    "c.jsonl": '{"lat":48.1,"lon":11.5,"ts":1410324847}\n',
    "d.gpx":
      '<?xml version="1.0"?><gpx><trk><trkseg><trkpt lat="48.1" lon="11.5"><time>2014-09-10T04:54:07Z</time></trkpt></trkseg></trk></gpx>',
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    expect(await readTrack(join(folder, name)), name).toEqual([
      { ts: Date.UTC(2014, 8, 10, 4, 54, 7), lat: 48.1, lon: 11.5 },
    ]);
  }
  await writeFile(join(folder, "bad.csv"), "lat,lon\n1,2\n");
  await expect(readTrack(join(folder, "bad.csv"))).rejects.toThrow(/position 1: no time/);
  await rm(folder, { recursive: true });
});

test.skipIf(!mosquitto)("a track is published whole, in order, and acknowledged", async () => {
  const port = await freePort();
  const broker = spawn(mosquitto ?? "", ["-p", String(port)], { stdio: "ignore" });
  const url = `mqtt://127.0.0.1:${port}`;
  const publisher = createPublisher({ url, qos: 1, maxInFlight: 20, log: pino({ level: "silent" }) });
  const watcher = await connectAsync(url, { reconnectPeriod: 50 });
  try {
    const seen: number[] = [];
    watcher.on("message", (_topic, payload) => seen.push((JSON.parse(payload.toString()) as { ts: number }).ts));
    await watcher.subscribeAsync("devices/t1/gps", { qos: 1 });
    await publisher.connect("t1", undefined);
    const fixes = Array.from({ length: 500 }, (_, i) => ({ ts: i * 1000, lat: 48, lon: 11 }));
    await replay({ deviceId: "t1", fixes, speed: Infinity, batch: 1, signal: new AbortController().signal }, publisher);
    expect(await publisher.drain(5_000)).toBe(true);
    expect(publisher.counts()).toMatchObject({ sent: 500, acknowledged: 500, unacknowledged: 0 });
    await expect.poll(() => seen).toEqual(fixes.map(({ ts }) => ts));
  } finally {
    await publisher.close();
    await watcher.endAsync(true);
    broker.kill();
    await once(broker, "exit");
  }
});

import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIngest, type Ingest } from "../../../ingest/start.ts";
import { parsePayload } from "../../../ingest/decoders/sparkplug-payload.ts";
import { hostStatesFor } from "../../../broker/downlink/host-state.ts";
import { openJournalReader } from "../../../broker/journal/segment-reader.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";
import { addDevice, eventually, log, startPlatform, type TestPlatform } from "../platform.ts";

describe("answers in a device's own protocol", () => {
  let platform: TestPlatform;
  let ingest: Ingest;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    const { pool, listener, dataDir } = platform;
    const directory = `${dataDir}/journal`;
    const openJournal = () => openJournalReader({ directory, log });
    const seriesCursorPath = `${dataDir}/series.json`;
    ingest = await startIngest({
      pool,
      listener,
      openJournal,
      influx: undefined,
      seriesCursorPath,
      retentionRawDays: 30,
      retentionRollupDays: 1825,
      records: { quarantineDays: 30, auditDays: 730 },
      log,
    });
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await ingest?.close();
    await platform?.close();
  });

  async function connect(id: string, decoder: string, options: { clientId?: string } = {}) {
    const secret = await addDevice(platform.pool, id, null, decoder);
    const username = decoder === "thingsboard" ? secret : id;
    const password = decoder === "thingsboard" ? "" : secret;
    const client = await eventually(() =>
      connectAsync({ port: platform.port, clientId: id, username, password, reconnectPeriod: 0, ...options }).catch(
        () => undefined,
      ),
    );
    clients.push(client);
    const received: { topic: string; payload: Buffer; retain: boolean; qos: number }[] = [];
    client.on("message", (topic, payload, { retain, qos }) => received.push({ topic, payload, retain, qos }));
    let isClosed = false;
    client.on("close", () => (isClosed = true));
    return { client, received, isClosed: () => isClosed };
  }
  const quarantined = async (id: string) =>
    (
      await platform.pool.query<{ topic: string; reason: string; detail: string }>(
        "SELECT topic, reason, detail FROM quarantine WHERE device_id = $1 ORDER BY id",
        [id],
      )
    ).rows;

  it("asks a Sparkplug edge node for a rebirth when an alias is unknown, and lets it subscribe to STATE", async () => {
    const { client, received } = await connect("edge-1", "sparkplug-b");
    const granted = await client.subscribeAsync(["spBv1.0/plant/NCMD/edge-1/#", "spBv1.0/STATE/scada", "STATE/scada"], {
      qos: 1,
    });
    expect(granted.map(({ qos }) => qos)).toEqual([1, 1, 1]);
    const data = (seq: number) =>
      encodeSparkplug({ timestamp: Date.now(), seq, metrics: [{ alias: 7, timestamp: Date.now(), doubleValue: 4.5 }] });
    await client.publishAsync("spBv1.0/plant/NDATA/edge-1", data(4), { qos: 1 });
    await eventually(() => received.length > 0);
    expect(received[0]!.topic).toBe("spBv1.0/plant/NCMD/edge-1");
    expect(parsePayload(received[0]!.payload)).toMatchObject({
      metrics: [{ name: "Node Control/Rebirth", datatype: 11, value: true }],
    });
    expect(await quarantined("edge-1")).toMatchObject([
      { reason: "not-a-reading", detail: expect.stringContaining("alias 7") as string },
    ]);
    // Asked once a minute, and not after the BIRTH.
    await client.publishAsync("spBv1.0/plant/NDATA/edge-1", data(5), { qos: 1 });
    const metrics = [
      { name: "bdSeq", datatype: 8, longValue: 0 },
      { name: "Temperature", alias: 7, datatype: 10, doubleValue: 4 },
    ];
    await client.publishAsync(
      "spBv1.0/plant/NBIRTH/edge-1",
      encodeSparkplug({ timestamp: Date.now(), seq: 0, metrics }),
      { qos: 1 },
    );
    await client.publishAsync("spBv1.0/plant/NDATA/edge-1", data(1), { qos: 1 });
    await eventually(
      async () =>
        (await platform.pool.query("SELECT FROM device_states WHERE device_id = 'edge-1' AND stored = 2")).rowCount ===
        1,
    );
    expect(received).toHaveLength(1);
  });

  it("tells a Sparkplug edge node that its host application is online, when it asks for that host", async () => {
    const { client, received } = await connect("edge-2", "sparkplug-b");
    const before = Date.now();
    await client.subscribeAsync(["spBv1.0/STATE/waystock", "spBv1.0/STATE/another"], { qos: 1 });
    await client.subscribeAsync("STATE/waystock", { qos: 0 });
    await eventually(() => received.length === 2);
    const [state, former] = received;
    expect(state).toMatchObject({ topic: "spBv1.0/STATE/waystock", retain: true, qos: 1 });
    const { online, timestamp } = JSON.parse(state!.payload.toString()) as { online: boolean; timestamp: number };
    expect(online).toBe(true);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now());
    expect(former).toMatchObject({ topic: "STATE/waystock", payload: Buffer.from("ONLINE"), qos: 0 });
    for (const filter of ["#", "+/+", "spBv1.0/#", "spBv1.0/STATE/another"])
      expect(hostStatesFor(filter, 0)).toEqual([]);
  });

  it("answers ThingsBoard's requests with nothing, takes its other topics, and never ends the connection", async () => {
    const { client, received, isClosed } = await connect("tb-1", "thingsboard", {
      clientId: "whatever-the-firmware-says",
    });
    const filters = [
      "v1/devices/me/attributes",
      "v1/devices/me/attributes/response/+",
      "v1/devices/me/rpc/request/+",
      "v1/devices/me/rpc/response/+",
    ];
    expect((await client.subscribeAsync(filters, { qos: 1 })).map(({ qos }) => qos)).toEqual([1, 1, 1, 1]);
    const send = (topic: string, value: object) => client.publishAsync(topic, JSON.stringify(value), { qos: 1 });
    await send("v1/devices/me/attributes", { firmware: "1.2" });
    await send("v1/devices/me/attributes/request/1", { clientKeys: "a" });
    await send("v1/devices/me/rpc/request/2", { method: "getTime" });
    await send("v1/devices/me/rpc/response/3", { ok: true });
    await send("v1/devices/me/claim", { secretKey: "x" });
    await send("v1/gateway/telemetry", { "Device A": [{ ts: 1, values: { temperature: 1 } }] });
    await send("v1/devices/me/telemetry", { temperature: 21 });
    await eventually(() => received.length === 2);
    expect(received.map(({ topic, payload }) => [topic, payload.toString()])).toEqual([
      ["v1/devices/me/attributes/response/1", "{}"],
      ["v1/devices/me/rpc/response/2", "{}"],
    ]);
    await eventually(
      async () =>
        (await platform.pool.query("SELECT FROM device_states WHERE device_id = 'tb-1' AND stored = 1")).rowCount === 1,
    );
    expect(await quarantined("tb-1")).toMatchObject([{ topic: "v1/gateway/telemetry", reason: "unsupported" }]);
    expect(isClosed()).toBe(false);
    // It is known by its device's id, whatever its client id is.
    await eventually(
      async () =>
        (
          await platform.pool.query(
            "SELECT FROM device_connections WHERE device_id = 'tb-1' AND disconnected_at IS NULL",
          )
        ).rowCount === 1,
    );
  });

  it("a malformed acknowledgement of a command goes to quarantine", async () => {
    const { client } = await connect("lock-1", "native");
    for (const payload of ["{oops", "", '{"id":"x","ok":true}', '{"id":1}', '{"id":1,"ok":true}'])
      await client.publishAsync("devices/lock-1/cmd/ack", payload, { qos: 1 });
    await eventually(async () => (await quarantined("lock-1")).length === 4);
    expect((await quarantined("lock-1")).map(({ reason }) => reason)).toEqual([
      "not-json",
      "empty",
      "malformed",
      "malformed",
    ]);
    expect((await quarantined("lock-1"))[3]!.detail).toBe("ok: missing");
  });
});

import { expect } from "vitest";
import { ingestTest as test } from "../../support/ingest-test.ts";
import type { IngestRig } from "../../support/ingest.ts";

const T = Date.parse("2026-05-04T06:00:00Z");

function publish(rig: IngestRig, clientId: string, topic: string, body: unknown): Promise<void> {
  const message = { receivedAt: T + 60_000, clientId, topic, payload: Buffer.from(JSON.stringify(body)) };
  return new Promise((resolve, reject) => rig.journal.append(message, (error) => (error ? reject(error) : resolve())));
}

const traccar = (uniqueId: string, second: number, attributes: object = {}) => {
  const at = new Date(T + second * 1000).toISOString();
  const position = { fixTime: at, deviceTime: at, valid: true, latitude: 48.1, longitude: 11.5, speed: 0, attributes };
  return { position, device: { id: 1, name: uniqueId, uniqueId } };
};

const uplink = (devEui: string, second: number, object: object) => ({
  time: new Date(T + second * 1000).toISOString(),
  deviceInfo: { devEui },
  fPort: 1,
  object,
  rxInfo: [],
});

test("what a Traccar server forwards belongs to the devices that it names; what is nobody's is kept until it is", async ({
  db,
  rig,
  world,
}) => {
  await world.device("traccar-1", "gateway", null, "traccar");
  await world.device("356938035643809", "gps", null, "traccar");
  await world.device("truck-2", "gps", null, "traccar");
  await world.device("native-1", "gps");
  const topic = "devices/traccar-1/raw";
  await publish(rig, "traccar-1", topic, traccar("356938035643809", 1, { ignition: true, zebra: 1 }));
  await publish(rig, "traccar-1", topic, [traccar("truck-2", 2), traccar("truck-3", 3), traccar("truck-2", 4)]);
  await publish(rig, "traccar-1", topic, traccar("native-1", 5));
  // A single device speaks for itself, by whatever name the server knows it, and for no other one.
  await publish(rig, "truck-2", "devices/truck-2/raw", traccar("unheard-of", 6));
  await publish(rig, "truck-2", "devices/truck-2/raw", traccar("356938035643809", 7));
  // From an external broker nobody sends it that is registered.
  await publish(rig, "traccar", "traccar/positions", traccar("truck-2", 8));
  await publish(rig, "traccar", "positions", traccar("truck-9", 9));
  await rig.settled();
  const fixes = async () =>
    (
      await db.pool.query<{ row: string }>(
        "SELECT device_id || ' ' || (extract(epoch FROM ts) - $1)::int AS row FROM gps_readings ORDER BY ts",
        [T / 1000],
      )
    ).rows.map(({ row }) => row);
  expect(await fixes()).toEqual(["356938035643809 1", "truck-2 2", "truck-2 4", "truck-2 6", "truck-2 8"]);
  expect(await world.quality("356938035643809")).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  const { rows } = await db.pool.query<{ reason: string; detail: string; source: string; device_id: string }>(
    "SELECT reason, detail, source, device_id FROM quarantine ORDER BY received_at, source",
  );
  expect(rows.map(({ reason }) => new Set([reason]))).toEqual(rows.map(() => new Set(["unknown-device"])));
  const details = rows.map(({ device_id, detail }) => `${device_id}: ${detail}`).join("\n");
  expect(details).toContain("traccar-1: no device truck-3 is registered: add it with decoder traccar");
  expect(details).toContain(
    "traccar-1: the device native-1 is registered with decoder native, and this message is traccar",
  );
  expect(details).toContain("truck-2: the message is about 356938035643809, and truck-2 may speak for itself only");
  expect(details).toContain("traccar: no device truck-9 is registered");
  const states = await db.pool.query<{ ignored: string }>(
    "SELECT ignored_fields::text AS ignored FROM device_states WHERE device_id = '356938035643809'",
  );
  expect(states.rows[0]!.ignored).toContain("zebra");

  await world.device("truck-3", "gps", null, "traccar");
  await world.device("truck-9", "gps", null, "traccar");
  await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE detail LIKE 'no device truck-%'");
  await expect
    .poll(async () => (await fixes()).filter((row) => /truck-[39]/.test(row)), { timeout: 10_000 })
    .toEqual(["truck-3 3", "truck-9 9"]);
  expect((await db.pool.query("SELECT FROM quarantine WHERE detail LIKE 'no device truck-%'")).rowCount).toBe(0);
});

test("the payload of an uplink is read as the profile of its device says, from the next message on", async ({
  db,
  rig,
  world,
}) => {
  const {
    rows: [profile],
  } = await db.pool.query<{ id: number }>(
    `INSERT INTO device_profiles (name, key_sha256, quota, payload_fields) VALUES ('probes', '\\x01', 9,
      '{"t": "env.celsius", "batV": {"field": "env.battery", "scale": 1, "offset": -2.7}, "door": null}') RETURNING id`,
  );
  await world.device("0101010101010101", "env", null, "chirpstack");
  await world.device("A84041000181C061", "env", null, "chirpstack");
  await world.device("dev1", "env", null, "ttn");
  await db.pool.query("UPDATE devices SET profile_id = $1 WHERE id = '0101010101010101'", [profile!.id]);
  const topic = (eui: string) => `application/app/device/${eui}/event/up`;
  const eui = "0101010101010101";
  await publish(rig, eui, topic(eui), uplink(eui, 1, { t: 4.5, batV: 3.3, door: 1 }));
  // It is registered in upper case, and the server writes lower case. Common names need no profile.
  const other = "a84041000181c061";
  await publish(rig, other, topic(other), uplink(other, 2, { TempC_SHT: 5.5, Hum_SHT: 40 }));
  await publish(rig, "dev1", "v3/app1@ttn/devices/dev1/up", {
    end_device_ids: { device_id: "dev1" },
    uplink_message: { received_at: new Date(T + 3000).toISOString(), decoded_payload: { temperature: 6.5 } },
  });
  await rig.settled();
  const stored = async () =>
    (
      await db.pool.query<{ row: string }>(
        "SELECT concat_ws(' ', device_id, celsius, humidity, round(battery::numeric, 2)) AS row FROM env_readings WHERE ts >= to_timestamp($1) ORDER BY ts",
        [T / 1000],
      )
    ).rows.map(({ row }) => row);
  expect(await stored()).toEqual([`${eui} 4.5 0.60`, "A84041000181C061 5.5 0.4", "dev1 6.5"]);
  await db.pool.query(`UPDATE device_profiles SET payload_fields = '{"t": {"field": "env.celsius", "scale": 0.1}}'`);
  await publish(rig, eui, topic(eui), uplink(eui, 10, { t: 45 }));
  await rig.settled();
  expect((await stored()).at(-1)).toBe(`${eui} 4.5`);
});

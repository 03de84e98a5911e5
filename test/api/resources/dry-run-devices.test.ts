import { expect, test as base } from "vitest";
import { startApi } from "../support.ts";

const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", { scope: "file" }, async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  .extend("manager", { scope: "file" }, ({ api }) => api.as("manager"))
  .extend("device", ({ api, manager }) => async (id: string, more: object = {}) => {
    expect(await manager("POST /devices", { id, kind: "env", ...more })).toMatchObject({ status: 201 });
    const { pool } = api.db;
    return {
      /** readings so many minutes ago, each with its battery and by how many seconds it was received later than measured */
      sent: (readings: readonly (readonly [minutesAgo: number, battery?: number | null, behindS?: number])[]) =>
        pool.query(
          `INSERT INTO env_readings (device_id, ts, seq, received_at, content_hash, battery)
          SELECT $1, r.received_at - r.behind * interval '1 s', r.n, r.received_at, 0, r.battery FROM (
            SELECT n, now() - ago * interval '1 min' AS received_at, coalesce(behind, 0) AS behind, battery
            FROM unnest($2::float8[], $3::float8[], $4::float8[]) WITH ORDINALITY AS t (ago, battery, behind, n)) r`,
          [
            id,
            readings.map(([ago]) => ago),
            readings.map(([, battery]) => battery ?? null),
            readings.map(([, , behind]) => behind ?? 0),
          ],
        ),
    };
  })
  .extend("tried", ({ manager }) => async (rule: object) => {
    const { status, body } = await manager("POST /alert-rules/dry-run", { days: 7, ...rule });
    expect(status).toBe(200);
    return body as {
      would_have_fired: number;
      complete: boolean;
      note: string;
      examples: { subject: string; at: string }[];
    };
  });

/** Whole hours before the present one, in minutes: readings of two hours are never of one. */
const hoursAgo = (hours: number): number => hours * 60 + new Date().getUTCMinutes() - 30;

test("a rule is tried on what a device has sent: batteries by the hour, clocks by receipt, silence between messages", async ({
  api,
  manager,
  device,
  tried,
}) => {
  const { id: location } = (await manager("POST /locations", { name: "Cold store" })).body;
  const here = { location_ids: [location] };
  const silent = { type: "device_silent", ...here };
  expect(await tried(silent)).toMatchObject({
    would_have_fired: 0,
    complete: true,
    note: "no device here says how often it reports",
  });
  const probe = await device("dry-probe", { mount: { location_id: location }, interval_s: 600 });
  // Its battery is low, is nearly changed (0.17 ends nothing), is changed, and is low again.
  await probe.sent([
    [hoursAgo(40), 0.5],
    [hoursAgo(39), 0.1],
    [hoursAgo(38), 0.17],
    [hoursAgo(37), 0.12],
    [hoursAgo(36), 0.9],
    [hoursAgo(35), 0.14],
  ]);
  const low = await tried({ type: "battery_low", ...here });
  expect(low).toMatchObject({ would_have_fired: 2, complete: true, note: "by the lowest level of each hour" });
  expect(low.examples.map(({ subject }) => subject)).toEqual(["device:dry-probe", "device:dry-probe"]);
  const hours = low.examples.map(({ at }) => Math.floor((Date.now() - Date.parse(at)) / 3_600_000));
  expect(hours).toEqual([hours[1]! - 4, hours[1]!]);
  expect(await tried({ type: "battery_low", ...here, params: { below: 0.05 } })).toMatchObject({ would_have_fired: 0 });

  // Six silences of an hour and the one until now; each patience is 30 min.
  expect(await tried(silent)).toMatchObject({ would_have_fired: 6, complete: true });
  // Reads by RFID, scans and reports of its state are heard too.
  await api.db.pool.query(
    `INSERT INTO status_reports (device_id, ts, seq, received_at, content_hash, state)
    SELECT 'dry-probe', t, 0, t, 0, 'online' FROM generate_series(now() - interval '42 hours', now(), interval '10 min') t`,
  );
  expect(await tried(silent)).toMatchObject({ would_have_fired: 0 });

  // Ahead by two minutes at once, behind for seven minutes; a late reading between says nothing of the clock.
  const clock = await device("dry-clock", { mount: { location_id: location } });
  await clock.sent([
    [600, null, 1],
    [590, null, -120],
    [580, null, 1],
    [579, null, 4_000],
    [300, null, 200],
    [297, null, 200],
    [293, null, 200],
    [290, null, 1],
    [200, null, 200],
    [199, null, 1],
  ]);
  const off = await tried({ type: "clock_off", ...here });
  expect(off).toMatchObject({ would_have_fired: 2, complete: true });
  expect(off.examples.map(({ subject }) => subject)).toEqual(["device:dry-clock", "device:dry-clock"]);
});

test("a rule is tried on devices at its places, and says of how many when there was more to look at", async ({
  api,
  manager,
  device,
  tried,
}) => {
  const { id: site } = (await manager("POST /locations", { name: "Site" })).body;
  const { id: shelf } = (await manager("POST /locations", { name: "Shelf", parent_id: site })).body;
  const low = { type: "battery_low", location_ids: [site] };
  const inside = await device("dry-inside", { mount: { location_id: shelf } });
  const outside = await device("dry-outside");
  for (const { sent } of [inside, outside]) await sent([[30, 0.1]]);
  expect(await tried(low)).toMatchObject({ would_have_fired: 1, examples: [{ subject: "device:dry-inside" }] });
  await manager("PUT /devices/dry-inside", { interval_s: 60 });
  await api.db.pool.query(
    `INSERT INTO env_readings (device_id, ts, seq, received_at, content_hash)
    SELECT 'dry-inside', t, 0, t, 0 FROM generate_series(now() - interval '1 day', now() - interval '1 hour', interval '0.8 s') t`,
  );
  const part = await tried({ type: "clock_off", location_ids: [site] });
  expect(part).toMatchObject({ would_have_fired: 0, complete: false, note: expect.stringMatching(/no devices fit/) });
  expect(await tried({ type: "clock_off", location_ids: [site], params: {}, days: 7 })).toMatchObject({
    complete: false,
  });
}, 60_000);

import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AlertEngine, startAlertEngine } from "../../../ingest/alerts/engine.ts";
import type { Direction } from "../../../ingest/domain/fact.ts";
import { stopsToAssess } from "../../../ingest/stores/queries/alerts/trip-stops.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { openTripWorld, type TripWorld } from "../../api/resources/trips/trip-world.ts";

let world: TripWorld;
let engine: AlertEngine;
beforeAll(async () => {
  world = await openTripWorld();
  const { pool, listener } = world.api.db;
  engine = startAlertEngine(pool, listener, new ReceiptClock(), pino({ level: "silent" }));
});
afterAll(async () => {
  await engine?.close();
  await world?.close();
});

const SSCC = "106141412345678908";
const WAIT = { timeout: 20_000 };
interface Row {
  id: number;
  state: string;
  subject: string;
  title: string;
  trip_id: number;
  location_id: number;
  detail: Record<string, unknown>;
  evidence: { title: string; href: string }[];
}

const alerts = async (trip: number, call = world.manager): Promise<Row[]> => {
  const { body } = await call("GET /alerts?type=load_mismatch");
  return (body as unknown as Row[]).filter(({ trip_id }) => trip_id === trip);
};
const states = async (trip: number) => (await alerts(trip)).map(({ subject, state }) => [subject, state]);
const pass = (epc: string, clock: string, place: "dock" | "shop", direction: Direction) =>
  world.record(`tag:${epc}`, clock, "seen", { locationId: world.places[place], direction, portal: true, reads: 9 });
const leave = (place: "hub" | "shop", clock: string) =>
  world.record(`vehicle:${world.trucks[0]}`, clock, "departed", { locationId: world.places[place] });

test("a vehicle that leaves a stop without a unit, and with one too many, is alerted once; later facts and a void end it", async () => {
  const [planned, other] = [await world.shipment(), await world.shipment("market")];
  const unit = await world.manager(`POST /shipments/${planned}/handling-units`, { sscc: SSCC });
  expect(unit.status).toBe(201);
  const stranger = (
    (await world.manager(`POST /shipments/${other}/tags`, { epc: "3034257BF7194E4000001A86" })).body as unknown as {
      epc: string;
    }[]
  )[0]!.epc;
  const stops = [world.stop("hub", "08:00-08:30", planned), world.stop("shop", "09:00-09:30", planned)];
  const id = await world.trip({ stops });
  await world.stay("hub", "07:30");
  await pass(stranger, "08:02", "dock", "out");
  expect(await alerts(id)).toEqual([]);
  await leave("hub", "08:10");
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "open"]]);
  const [alert] = await alerts(id);
  expect(alert).toMatchObject({
    title: expect.stringMatching(
      new RegExp(
        `^Truck 1 at Hub, trip ${id}: not loaded: ${SSCC} of .+; loaded though not planned: ${stranger} of .+$`,
      ),
    ),
    next_step: expect.stringContaining("Call the driver"),
    location_id: world.places.hub,
    vehicle_id: null,
    detail: { trip_id: id, sequence: 1, missing: 1, extra: 1, shipment_ids: [planned, other] },
    evidence: expect.arrayContaining([
      { title: "Trip", href: `/trips/${id}` },
      { title: "What was read, missing and extra", href: `/trips/${id}/verification` },
    ]),
  });

  // It names goods of both shipments: who may not see one of them is not told.
  const admin = await world.api.as("admin");
  const seenBy = async (place: number) => {
    const user = { name: `limited ${place}`, role: "viewer", location_ids: [place] };
    const { client_id, client_secret } = (await admin("POST /api-clients", user)).body as Record<string, string>;
    const token = await world.api.app.request("/oauth/token", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: client_id!,
        client_secret: client_secret!,
      }),
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const headers = { Authorization: `Bearer ${access_token}` };
    const [list, single] = [
      await world.api.app.request("/alerts?type=load_mismatch", { headers }),
      await world.api.app.request(`/alerts/${alert!.id}`, { headers }),
    ];
    return [((await list.json()) as Row[]).length, single.status];
  };
  expect(await seenBy(world.places.hub)).toEqual([1, 200]);
  expect(await seenBy(world.places.shop)).toEqual([0, 404]);

  // The unit was scanned at the hub, which becomes known late; the stranger had come in again.
  const loading = { action: "load" as const, locationId: world.places.hub, vehicleId: world.trucks[0] };
  await world.record(`shipment:${planned}`, "08:05", "scanned", { ...loading, code: `00${SSCC}` });
  await pass(stranger, "08:07", "dock", "in");
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "resolved"]]);

  // At the shop something else is put off by a booking, which is void: it was another truck.
  await world.record(`shipment:${other}`, "08:40", "loaded", { vehicleId: world.trucks[0], locationId: null });
  await world.stay("shop", "09:05");
  await world.record(`shipment:${planned}`, "09:10", "scanned", {
    action: "unload",
    locationId: world.places.shop,
    vehicleId: world.trucks[0],
    code: `00${SSCC}`,
  });
  await leave("shop", "09:20");
  // A minute has not passed since the first stop's alert ended, so it is the same one that is open again.
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "open"]]);
  const events = (await world.manager(`GET /shipments/${other}/events`)).body as unknown as {
    id: number;
    type: string;
  }[];
  const loaded = events.find(({ type }) => type === "loaded")!;
  const voided = await world.manager(`POST /shipments/${other}/events/${loaded.id}/void`, { reason: "another truck" });
  expect(voided.status, JSON.stringify(voided.body)).toBeLessThan(300);
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "resolved"]]);
  const tried = await world.manager("POST /alert-rules/dry-run", { type: "load_mismatch", days: 30 });
  expect(tried).toMatchObject({ status: 200, body: { complete: true } });
});

test("conditions of devices and stock are none of trips", async () => {
  await world.api.db.pool.query(
    `INSERT INTO alert_conditions (rule_id, subject, since)
    SELECT r.id, s, now() FROM alert_rules r, unnest(ARRAY['device:gate-04', 'stock:3', 'trip:3:stop:2']) AS s WHERE r.type IN ('device_silent', 'load_mismatch')`,
  );
  expect(await stopsToAssess(world.api.db.pool, [3])).toEqual(["3:stop:2"]);
  await world.api.db.pool.query(
    "DELETE FROM alert_conditions WHERE subject IN ('device:gate-04', 'stock:3', 'trip:3:stop:2')",
  );
});

test("a trip that is cancelled has no mismatch any longer", async () => {
  const goods = await world.shipment();
  const stops = [{ ...world.stop("hub", "14:00-14:30", goods) }, world.stop("shop", "15:00-15:30", goods)];
  const id = await world.trip({ stops });
  await world.stay("hub", "13:50", "14:10");
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "open"]]);
  expect((await world.manager(`POST /trips/${id}/cancel`, {})).status).toBe(200);
  await expect.poll(() => states(id), WAIT).toEqual([[`trip:${id}:stop:1`, "resolved"]]);
});

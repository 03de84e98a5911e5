import { expect } from "vitest";
import { gatePass } from "../../support/gate-pass.ts";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const minute = (n: number) => T + n * 60_000;

ingestTest(
  "what comes to light later shortens a time on a vehicle, though the shipment stands where it stood",
  async ({ db: { pool }, rig, world }) => {
    const hub = await world.location("hub", "storage");
    const truck = await world.vehicle("truck");
    const id = await world.shipment(hub, null, T);
    const antennas = { 1: "outside", 2: "inside" };
    const epc = "urn:epc:id:sscc:0614141.1000000001";
    await world.tag(id, epc);
    for (const door of ["door-1", "door-2"]) await world.device(door, "rfid", { location_id: hub, antennas });
    await world.fact(id, "loaded", { vehicleId: truck, locationId: hub }, minute(10));
    const passInwards = async (door: string, at: number) => {
      for (const reading of gatePass(at, epc, [1, 2])) await rig.publish(`devices/${door}/rfid`, reading);
    };
    const state = async () => {
      await rig.settled();
      const { rows } = await pool.query(
        "SELECT from_at, to_at FROM shipment_on_vehicle WHERE shipment_id = $1 ORDER BY from_at",
        [id],
      );
      return { row: await world.shipmentRow(id), onVehicle: rows };
    };
    await passInwards("door-2", minute(60));
    const first = await state();
    await passInwards("door-1", minute(30));
    const second = await state();

    const stands = { status: "in_storage", stage: "storage", location_id: hub, vehicle_id: null };
    /** between the two antennas of the door */
    const passMs = 1168;
    const aboardUntil = (to: number) => ({
      row: stands,
      onVehicle: [{ from_at: new Date(minute(10)), to_at: new Date(to + passMs) }],
    });
    expect([first, second]).toEqual([aboardUntil(minute(60)), aboardUntil(minute(30))]);
  },
);

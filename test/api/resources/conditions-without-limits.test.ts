import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

const MINUTE = 60_000;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 6 * 3_600_000;
const at = (minute: number): string => new Date(START + minute * MINUTE).toISOString();

const aboard = test.extend("trip", async ({ world, operator, n }) => {
  const [plant, shop] = [
    await world.location(`plant ${n}`, "production"),
    await world.location(`shop ${n}`, "delivery"),
  ];
  const vehicle = await world.vehicle(`truck ${n}`);
  const probe = await world.device(`free-probe-${n}`, "env", { vehicle_id: vehicle });
  const made = await operator("POST /shipments", {
    ...{ product_name: "Tiles", quantity: 4, location: plant, destination_id: shop, at: at(-10) },
  });
  const shipment = made.body["id"] as number;
  expect((await operator(`POST /shipments/${shipment}/load`, { vehicle_id: vehicle, at: at(0) })).status).toBe(200);
  return { shipment, probe, shop };
});

aboard(
  "without limits the report shows what was measured, gaps as gaps, and judges nothing",
  async ({ trip, rig, api, viewer, operator }) => {
    const { shipment, probe, shop } = trip;
    const path = `/shipments/${shipment}/conditions`;
    const nothing = { quantities: [], gap_minutes: null, gap_count: 0, series: [] };
    expect((await viewer(`GET ${path}`)).body).toMatchObject(nothing);

    const reading = (minute: number, celsius: number) => ({ ts: START + minute * MINUTE, celsius });
    await rig.publish(`devices/${probe}/env`, [
      ...[reading(0, -30), reading(10, 5), reading(20, 60), reading(60, 5), reading(70, 6)],
    ]);
    await rig.settled();
    expect((await operator(`POST /shipments/${shipment}/unload`, { location_id: shop, at: at(70) })).status).toBe(200);
    const { body } = await viewer(`GET ${path}`);
    expect(body).toMatchObject({
      ...{ from: at(0), to: at(70), gap_minutes: 20, excursion_count: 0, excursions: [], gap_count: 1 },
      // It measures neither humidity nor shocks.
      quantities: [
        {
          ...{ quantity: "celsius", verdict: "no_limit", allowed: { min: null, max: null, minutes: 0 } },
          ...{ minutes_measured: 30, minutes_in_gaps: 40, minutes_in_range: null, minutes_out_of_range: null },
          ...{ readings_out_of_range: 0, lowest: { value: -30, at: at(0) }, highest: { value: 60, at: at(20) } },
          last_reading_at: at(60),
        },
      ],
      gaps: [{ quantity: "celsius", from: at(20), to: at(60) }],
      series: [{ device_id: probe, quantity: "celsius", points: expect.arrayContaining([[START, -30, -30]]) }],
    });

    const token = await api.tokenOf("viewer");
    const file = (format: string) =>
      api.app.request(`${path}?format=${format}`, { headers: { Authorization: `Bearer ${token}` } });
    const csv = await (await file("csv")).text();
    expect(csv).toContain("verdict,celsius,no_limit,");
    expect(csv).toContain("highest,celsius,60,°C");
    expect(csv).not.toMatch(/allowed|out_of_range|in_range/);
    const pdf = Buffer.from(await (await file("pdf")).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");

    // With a limit it is judged, as before.
    expect((await operator(`PUT /shipments/${shipment}`, { conditions: { celsius: { max: 8 } } })).status).toBe(200);
    expect((await viewer(`GET ${path}`)).body).toMatchObject({
      quantities: [{ quantity: "celsius", verdict: "out_of_range", minutes_in_gaps: 40 }],
    });
  },
);

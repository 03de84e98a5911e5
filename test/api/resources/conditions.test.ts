import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE - 6 * 3_600_000;
const at = (minute: number): string => new Date(NOW + minute * MINUTE).toISOString();

const cold = test.extend("trip", async ({ world, rig, operator, n }) => {
  const [plant, shop] = [
    await world.location(`plant ${n}`, "production"),
    await world.location(`shop ${n}`, "delivery"),
  ];
  const vehicle = await world.vehicle(`cold truck ${n}`);
  const probe = await world.device(`report-probe-${n}`, "env", { vehicle_id: vehicle });
  const made = await operator("POST /shipments", {
    ...{ product_name: "Vaccine", quantity: 4, location: plant, destination_id: shop, at: at(-10) },
    ...{ profiles: ["cold_chain"], conditions: { celsius: { min: 2, max: 8 }, humidity: { max: 0.6 } } },
  });
  expect(made).toMatchObject({ status: 201, body: { profiles: ["cold_chain"] } });
  const shipment = made.body["id"] as number;
  expect((await operator(`POST /shipments/${shipment}/load`, { vehicle_id: vehicle, at: at(0) })).status).toBe(200);
  const send = async (readings: readonly object[]) => {
    await rig.publish(`devices/${probe}/env`, readings);
    await rig.settled();
  };
  return { shipment, vehicle, probe, plant, shop, send };
});

cold(
  "the report counts every minute out of range, shows gaps as gaps, and agrees with figures made by hand",
  async ({ trip, viewer, operator }) => {
    const { shipment, probe, shop } = trip;
    const reading = (minute: number, celsius: number, humidity?: number) => ({
      ts: NOW + minute * MINUTE,
      celsius,
      humidity,
    });
    // Out: 2.5 min before 15, up to 30, and 5 min after it; a silence from 60 to 100; then 1 min at 106.
    await trip.send([
      ...[
        reading(0, 5, 0.5),
        reading(10, 5),
        reading(15, 11),
        reading(30, 11),
        reading(40, 5),
        reading(50, 5),
        reading(60, 5),
      ],
      ...[reading(100, 5), reading(104, 7), reading(106, 9), reading(108, 7), reading(120, 5)],
    ]);
    expect((await operator(`POST /shipments/${shipment}/unload`, { location_id: shop, at: at(120) })).status).toBe(200);
    const { body, status } = await viewer(`GET /shipments/${shipment}/conditions`);
    expect(status).toBe(200);
    // Held at 11 from 15 to 30; above 8 from 12.5 and until 35; 8 to 9 to 8 takes 2 min.
    const outside = 2.5 + 15 + 5 + 2;
    expect(body).toMatchObject({
      ...{ shipment_id: shipment, from: at(0), to: at(120), gap_minutes: 20, excursion_count: 1 },
      quantities: [
        {
          ...{ quantity: "celsius", unit: "°C", verdict: "out_of_range", allowed: { min: 2, max: 8, minutes: 10 } },
          ...{
            minutes_measured: 80,
            minutes_in_range: 80 - outside,
            minutes_out_of_range: outside,
            minutes_in_gaps: 40,
          },
          ...{ readings: 11, readings_out_of_range: 3, last_reading_at: at(108) },
          lowest: { value: 5, at: at(0), device_id: probe },
          highest: { value: 11, at: at(15) },
        },
        { quantity: "humidity", verdict: "gaps", minutes_measured: 0, minutes_in_gaps: 120, readings: 1 },
      ],
      excursions: [{ quantity: "celsius", device_id: probe, from: at(12.5), to: at(35), worst: 11 }],
      gaps: expect.arrayContaining([{ quantity: "celsius", from: at(60), to: at(100) }]),
      probes: [{ device_id: probe, mounted_on: "vehicle", from: at(0), to: at(120), readings: 11 }],
    });
    const [celsius] = body["quantities"] as [
      { mean_kinetic_temperature: { celsius: number; window_hours: number }; age_s: number },
    ];
    // Between the plain mean of what was measured and the highest.
    expect(celsius.mean_kinetic_temperature.celsius).toBeGreaterThan(6.9);
    expect(celsius.mean_kinetic_temperature.celsius).toBeLessThan(8.2);
    expect(celsius.mean_kinetic_temperature.window_hours).toBe(2);
    expect(celsius.age_s).toBeGreaterThan(3 * 3600);
    const [series] = body["series"] as [{ points: unknown[] }];
    expect(series.points).toHaveLength(11);
    const { body: events } = await viewer(`GET /shipments/${shipment}/events`);
    expect((events as unknown as { type: string }[]).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["created", "loaded"]),
    );
    await expect
      .poll(async () =>
        ((await viewer(`GET /shipments/${shipment}/events`)).body as unknown as { type: string }[]).map(
          ({ type }) => type,
        ),
      )
      .toEqual(expect.arrayContaining(["excursion", "excursion_over"]));
  },
);

cold("the report comes as CSV and PDF, by its format or by what is accepted", async ({ trip, api, viewer }) => {
  const { shipment } = trip;
  await trip.send(
    Array.from({ length: 30 }, (_, minute) => ({ ts: NOW + minute * MINUTE, celsius: minute < 15 ? 5 : 9 })),
  );
  const token = await api.tokenOf("viewer");
  const get = (path: string, accept?: string) =>
    api.app.request(path, { headers: { Authorization: `Bearer ${token}`, ...(accept && { Accept: accept }) } });
  for (const answer of [
    await get(`/shipments/${shipment}/conditions?format=csv`),
    await get(`/shipments/${shipment}/conditions`, "text/csv"),
  ]) {
    expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    const text = await answer.text();
    expect(text).toMatch(/^what,quantity,value,unit,from,to,minutes,device_id\r\n/);
    expect(text).toContain("minutes_out_of_range,celsius,14.25,min");
    expect(text).toMatch(/\r\nexcursion,celsius,9,°C,\S+Z,,,report-probe/);
  }
  for (const answer of [
    await get(`/shipments/${shipment}/conditions?format=pdf`),
    await get(`/shipments/${shipment}/conditions`, "application/pdf"),
  ]) {
    expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment; filename="conditions-.*\.pdf"$/);
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
  }
  expect((await viewer(`GET /shipments/${shipment}/conditions?format=xml`)).status).toBe(400);
});

cold(
  "limits that make no sense are refused by name; what older rows hold stays readable",
  async ({ trip, api, operator, viewer }) => {
    const { shipment } = trip;
    const path = `PUT /shipments/${shipment}`;
    for (const [given, pointer] of [
      [{ celsius: { min: 8, max: 2 } }, "/conditions/celsius/max"],
      [{ celsius: {} }, "/conditions/celsius/max"],
      [{ celsius: { max: 8, minuts: 5 } }, "/conditions/celsius"],
      [{ temperature: { max: 8 } }, "/conditions"],
      [{ humidity: { max: 60 } }, "/conditions/humidity/max"],
      [{ shock: { min: 1, max: 2 } }, "/conditions/shock"],
      [{ gap_minutes: 20 }, "/conditions/celsius"],
      [{ celsius: { max: 8 }, gap_minutes: 0 }, "/conditions/gap_minutes"],
    ] as const) {
      const answer = await operator(path, { conditions: given });
      expect([given, answer.status]).toEqual([given, 400]);
      expect((answer.body["errors"] as { pointer: string }[]).map((each) => each.pointer)[0]).toMatch(
        new RegExp(`^${pointer}`),
      );
    }
    for (const profiles of [["cold"], ["cold_chain", "cold_chain"], "cold_chain"])
      expect((await operator(path, { profiles })).status).toBe(400);
    await api.db.pool.query(`UPDATE shipments SET conditions = '{"keep": "cool", "celsius": "2-8"}' WHERE id = $1`, [
      shipment,
    ]);
    await operator(path, { reference: "older" });
    expect((await viewer(`GET /shipments/${shipment}`)).body["conditions"]).toEqual({ keep: "cool", celsius: "2-8" });
    expect((await viewer(`GET /shipments/${shipment}/conditions`)).body).toMatchObject({
      quantities: [],
      gap_minutes: null,
    });
    expect(
      (await operator(path, { profiles: ["high_value", "cold_chain"], conditions: { shock: { max: 5 } } })).body,
    ).toMatchObject({
      profiles: ["high_value", "cold_chain"],
      conditions: { shock: { max: 5 } },
    });
    const listed = async (profile: string) =>
      ((await viewer(`GET /shipments?limit=200&profile=${profile}`)).body as unknown as { id: number }[]).map(
        ({ id }) => id,
      );
    expect(await listed("high_value")).toEqual([shipment]);
    expect(await listed("cold_chain")).toContain(shipment);
    expect(await listed("time_sensitive")).toEqual([]);
  },
);

cold(
  "a minute is out of range when any probe says so, and a gap when none measures; a long trip needs no more memory",
  async ({ trip, world, rig, viewer, n }) => {
    const second = await world.device(`second-probe-${n}`, "env", { vehicle_id: trip.vehicle });
    const readings = (from: number, to: number, celsius: number) =>
      Array.from({ length: to - from + 1 }, (_, minute) => ({ ts: NOW + (from + minute) * MINUTE, celsius }));
    await trip.send([...readings(0, 60, 5), ...readings(61, 80, 12)]);
    await rig.publish(`devices/${second}/env`, [...readings(70, 100, 12), ...readings(101, 130, 6)]);
    await rig.settled();
    const { body } = await viewer(`GET /shipments/${trip.shipment}/conditions`);
    // From 60.43 by the first, to 100 and 4 of 6 to the next minute by the second.
    expect((body["quantities"] as { minutes_out_of_range: number }[])[0]!.minutes_out_of_range).toBeCloseTo(
      100 + 4 / 6 - (60 + 3 / 7),
      3,
    );
    expect(body["excursion_count"]).toBe(2);
  },
);

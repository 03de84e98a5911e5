import { expect } from "vitest";
import { alertTest as test, type Row } from "../alert-shop.ts";

/** Facts from before the first stored reading: what watches the readings leaves them as they are. */
const LONG_AGO = Date.UTC(2020, 0, 1);

test("what is found of a shipment opens alerts that link to it and say what to do; late risks page nobody; limits hide it with the shipment", async ({
  api,
  shop,
  world,
  manager,
  n,
}) => {
  const { pool } = api.db;
  const { alertsOf, location } = shop;
  const elsewhere = await world.location(`elsewhere ${n}`, "delivery");
  const shipment = await world.shipment(location, elsewhere, Date.now() - 3_600_000);
  const subject = `shipment:${shipment}`;
  const addFact = (key: string, type: string, data: object, late = false) =>
    pool.query(
      `WITH f AS (INSERT INTO facts (key, subject, at, type, data, rule, late, device_id)
          VALUES ($1, $2, now(), $3, $4, 'test', $5, 'probe-9') RETURNING id)
      SELECT pg_notify('changes', json_build_object('shipments', json_build_array($6::int))::text) FROM f`,
      [`${key} ${n}`, subject, type, JSON.stringify(data), late, shipment],
    );
  const found = (type: string) => alertsOf(`subject=${subject}&type=${type}`);

  const excursion = { quantity: "celsius", since: LONG_AGO, worst: 11.25, min: 2, max: 8, minutes: 10 };
  await addFact("warm", "excursion", excursion, true);
  await expect
    .poll(() => found("excursion"))
    .toMatchObject([
      {
        ...{ state: "open", severity: "critical", late: true, notifies: true, shipment_id: shipment },
        ...{ location_id: location, device_id: null, vehicle_id: null },
        title: expect.stringMatching(
          /^goods \(T\d+\): too warm for more than 10 min, 11.3 °C \(allowed: 2 at least, 8 at most\)$/,
        ),
        next_step: expect.stringContaining("Hold the goods"),
        evidence: expect.arrayContaining([
          { title: "Shipment", href: `/shipments/${shipment}` },
          { title: "Device", href: "/devices/probe-9" },
        ]),
      },
    ]);

  await addFact("off", "risk", { kind: "off_route", since: LONG_AGO, metres: 2_345.6 }, true);
  await expect
    .poll(() => found("off_route"))
    .toMatchObject([{ state: "open", late: true, notifies: false, title: expect.stringContaining("2346 m away") }]);
  await addFact("on again", "risk_over", { kind: "off_route", since: LONG_AGO });
  await expect.poll(() => found("off_route")).toMatchObject([{ state: "resolved" }]);
  expect(await found("excursion")).toMatchObject([{ state: "open" }]);

  const tried = await manager("POST /alert-rules/dry-run", { type: "off_route", location_ids: [elsewhere] });
  expect(tried.body).toMatchObject({ would_have_fired: 1, examples: [{ subject }] });

  const seenBy = async (place: number): Promise<unknown[]> => {
    const created = await (
      await api.as("admin")
    )("POST /api-clients", { name: `limited ${place}`, role: "viewer", location_ids: [place] });
    const { client_id, client_secret } = created.body as { client_id: string; client_secret: string };
    const token = await api.app.request("/oauth/token", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret }),
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const listed = await api.app.request(`/alerts?subject=${subject}`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });
    expect(listed.status).toBe(200);
    return ((await listed.json()) as Row[]).map(({ type }) => type);
  };
  expect(new Set(await seenBy(location))).toEqual(new Set(["excursion", "off_route"]));
  expect(await seenBy(await world.location(`third ${n}`, "storage"))).toEqual([]);
});

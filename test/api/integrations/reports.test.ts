import { expect, vi } from "vitest";
import { recordReport } from "../../../api/integrations/reports/deliveries.ts";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { relayTest as test, type Row } from "./relay-test.ts";

vi.setConfig({ testTimeout: 60_000 });

const WAIT = { timeout: 30_000, interval: 50 };
const DAILY = { report: "bottlenecks", frequency: "daily", hour: 6, time_zone: "Europe/Berlin", format: "csv" };

const reportTest = test.extend("schedule", ({ api, manager, n }) =>
  async (fields: object = {}) => {
    const body = { name: `report ${n}`, recipients: [`report-${n}@waystock.test`], ...DAILY, ...fields };
    const { status, body: made } = await manager("POST /report-schedules", body);
    expect(status).toBe(201);
    const id = Number(made["id"]);
    return {
      id,
      made,
      address: `report-${n}@waystock.test`,
      /** it came due so many days ago */
      async due(daysAgo = 0): Promise<void> {
        await api.db.pool.query(
          "UPDATE report_schedules SET next_due_at = date_trunc('minute', now()) - $2 * interval '1 day' WHERE id = $1",
          [id, daysAgo],
        );
      },
      get: async () => (await manager(`GET /report-schedules/${id}`)).body,
      deliveries: async () => (await manager(`GET /report-schedules/${id}/deliveries`)).body as unknown as Row[],
    };
  });

reportTest(
  "a report comes once for each due time, with its file, also for times when no relay ran",
  async ({ mail, relays, schedule }) => {
    const report = await schedule();
    expect(report.made).toMatchObject({ last_sent_at: null, waiting: 0, last_error: null, enabled: true });
    expect(new Date(String(report.made["next_due_at"])).getTime()).toBeGreaterThan(Date.now());
    await report.due(2);
    await expect.poll(() => mail.to(report.address).length, WAIT).toBe(3);
    await relays.looked();
    expect(mail.to(report.address)).toHaveLength(3);
    const [first] = mail.to(report.address);
    expect(first!.header("subject")).toMatch(/^Report: report/);
    expect(first!.text).toContain("Where are goods held up now, and why?");
    expect(first!.text).toMatch(/filename=bottlenecks-\d{4}-\d\d-\d\d\.csv/);
    const file = /Content-Disposition: attachment[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(first!.text)?.[1] ?? "";
    expect(Buffer.from(file, "base64").toString("utf8")).toMatch(/^rank,stage,location_id,/);
    // That it was sent is written after the mail server's answer.
    await expect
      .poll(async () => (await report.deliveries()).map(({ state, attempts }) => [state, attempts]), WAIT)
      .toEqual([
        ["sent", 1],
        ["sent", 1],
        ["sent", 1],
      ]);
    const sent = await report.deliveries();
    for (const { from, due_at: to } of sent)
      expect((Date.parse(String(to)) - Date.parse(String(from))) / 3_600_000).toBeLessThanOrEqual(25);
    expect(await report.get()).toMatchObject({ last_sent_at: expect.any(String), waiting: 0, last_error: null });
  },
);

reportTest(
  "a report of the vehicles that stopped at a place is saved, and sent",
  async ({ api, world, mail, manager, schedule, n }) => {
    const place = await world.location(`Customer ${n}`, "delivery", { lat: 48, lon: 11, radius_m: 200 });
    const [visitor, other] = [await world.vehicle(`Visitor ${n}`), await world.vehicle(`Other ${n}`)];
    const at = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000;
    for (const [vehicle, lat] of [
      [visitor, 48],
      [other, 49],
    ] as const) {
      const data = { since: at - 600_000, from: { lat: 47.9, lon: 11 }, to: { lat, lon: 11 }, distanceM: 11_000 };
      const about = { rule: "trip", evidence: [], confidence: 0.9, deviceId: `tracker-${vehicle}` };
      const fact = { ...about, key: `trip:${vehicle}`, subject: `vehicle:${vehicle}`, at, type: "trip", data } as const;
      await inTransaction(api.db.pool, (client) => recordFacts(client, { facts: [fact] }));
    }
    // It was due before half a day ago: the drives are of the time since.
    const times = { time_zone: "UTC", hour: (new Date().getUTCHours() + 12) % 24 };
    const report = await schedule({ report: "vehicles", filters: { location_id: String(place) }, ...times });
    await report.due();
    await expect.poll(() => mail.to(report.address).length, WAIT).toBe(1);
    const [, file = ""] = /Content-Disposition: attachment[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(
      mail.to(report.address)[0]!.text,
    )!;
    const [head, ...lines] = Buffer.from(file, "base64").toString("utf8").trim().split("\r\n");
    expect(head).toMatch(/^vehicle_id,vehicle_name,driver_id,/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${visitor},Visitor ${n},`));
    // A place whose geofence is taken away later is one at which nobody stops: the report is sent all the same.
    expect((await manager(`PUT /locations/${place}`, { geofence: null })).status).toBe(200);
    await report.due(1);
    await expect
      .poll(async () => (await report.deliveries()).map(({ state }) => state), WAIT)
      .toEqual(["sent", "sent", "sent"]);
  },
);

reportTest("an outage of the mail server costs no report and doubles none", async ({ api, mail, schedule }) => {
  const report = await schedule();
  mail.refuse = "451 try again later";
  try {
    await report.due();
    await expect.poll(async () => (await report.get())["last_error"], WAIT).toMatch(/451/);
    expect(mail.to(report.address)).toHaveLength(0);
  } finally {
    mail.refuse = undefined;
  }
  await api.db.pool.query("UPDATE report_deliveries SET try_at = now() WHERE schedule_id = $1", [report.id]);
  await expect.poll(() => mail.to(report.address).length, WAIT).toBe(1);
  await expect.poll(async () => (await report.deliveries()).map(({ state }) => state), WAIT).toEqual(["sent"]);
  expect(await report.get()).toMatchObject({ last_error: null });
});

reportTest(
  "a relay that was killed after the mail was accepted: the repeat has the same Message-ID, and the late one writes nothing",
  async ({ api, mail, schedule }) => {
    const report = await schedule();
    await report.due();
    await expect.poll(() => mail.to(report.address).length, WAIT).toBe(1);
    await expect.poll(async () => (await report.deliveries()).map(({ state }) => state), WAIT).toEqual(["sent"]);
    const { rows } = await api.db.pool.query<{ id: number }>(
      `UPDATE report_deliveries SET state = 'waiting', claim = gen_random_uuid(), claimed_until = now() - interval '1 second'
    WHERE schedule_id = $1 RETURNING id, claim`,
      [report.id],
    );
    await expect.poll(() => mail.to(report.address).length, WAIT).toBe(2);
    const [one, two] = mail.to(report.address).map((each) => each.header("message-id"));
    expect(one).toBe(two);
    const killed = { ...rows[0], claim: "00000000-0000-4000-8000-000000000000" } as Parameters<typeof recordReport>[1];
    expect(await recordReport(api.db.pool, killed, { state: "failed", response: "late" })).toBe(false);
  },
);

reportTest(
  "who is taken off is sent nothing any more; a deleted report sends nothing",
  async ({ api, manager, mail, relays, schedule, n }) => {
    const report = await schedule({ recipients: [`a-${n}@waystock.test`, `b-${n}@waystock.test`] });
    mail.refuse = "451 not now";
    try {
      await report.due();
      const refused = async () => (await report.deliveries()).map(({ response }) => String(response).slice(0, 3));
      await expect.poll(refused, WAIT).toEqual(["451", "451"]);
      await api.db.pool.query("UPDATE report_deliveries SET try_at = now() + interval '1 day' WHERE schedule_id = $1", [
        report.id,
      ]);
      const change = await manager(`PUT /report-schedules/${report.id}`, { recipients: [`b-${n}@waystock.test`] });
      expect(change.status).toBe(200);
    } finally {
      mail.refuse = undefined;
    }
    await api.db.pool.query("UPDATE report_deliveries SET try_at = now() WHERE schedule_id = $1", [report.id]);
    await expect.poll(() => mail.to(`b-${n}@waystock.test`).length, WAIT).toBe(1);
    expect(mail.to(`a-${n}@waystock.test`)).toHaveLength(0);
    expect((await report.deliveries()).find(({ state }) => state === "cancelled")).toMatchObject({
      response: "no recipient any more",
    });
    await report.due();
    await manager(`PUT /report-schedules/${report.id}`, { enabled: false });
    const before = mail.to(`b-${n}@waystock.test`).length;
    expect((await manager(`DELETE /report-schedules/${report.id}`)).status).toBe(204);
    await relays.looked();
    expect(mail.to(`b-${n}@waystock.test`).length).toBeLessThanOrEqual(before + 1);
    expect((await manager(`GET /report-schedules/${report.id}`)).status).toBe(404);
  },
);

reportTest.for([
  [{ filters: { colour: "red" } }, /filters/],
  [{ filters: { from: "2026-01-01" } }, /filters/],
  [{ filters: { stage: "nowhere" } }, /filters\/stage/],
  [{ recipients: ["nobody"] }, /e-mail address/],
  [{ recipients: [] }, /recipients/],
  [{ time_zone: "Mars/Olympus" }, /IANA/],
  [{ hour: 24 }, /hour/],
  [{ report: "everything" }, /report/],
] as const)("%j is refused", async ([fields, words], { manager, n }) => {
  const body = { name: `bad ${n}`, recipients: ["a@waystock.test"], ...DAILY, ...fields };
  const answer = await manager("POST /report-schedules", body);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toMatch(words);
});

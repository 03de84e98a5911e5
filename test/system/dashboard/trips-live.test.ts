import type { Page } from "playwright-core";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type AlertEngine, startAlertEngine } from "../../../ingest/alerts/engine.ts";
import type { FactData, FactType, NewFact } from "../../../ingest/domain/fact.ts";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };
const SSCC = "106141412345678908";
const MINUTE = 60_000;

describe.skipIf(binary === undefined)("a trip under way on the page in Chromium", () => {
  let served: ServedDashboard;
  let engine: AlertEngine;
  let call: Awaited<ReturnType<ServedDashboard["api"]["as"]>>;
  const ids = { hub: 0, shop: 0, truck: 0, goods: 0, trip: 0 };
  const begin = Math.floor(Date.now() / MINUTE) * MINUTE - 60 * MINUTE;
  const time = (minute: number): string => new Date(begin + minute * MINUTE).toISOString();
  const window = (from: number) => ({ from: time(from), to: time(from + 20) });
  let facts = 0;

  async function made(path: string, body: object): Promise<number> {
    const answer = await call(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  }
  async function record<T extends FactType>(subject: string, minute: number, type: T, data: FactData[T]) {
    const base = { key: `test:${(facts += 1)}`, rule: "test", evidence: [], confidence: 0.95, deviceId: "tracker" };
    const fact = { ...base, subject, type, data, at: begin + minute * MINUTE } as unknown as NewFact;
    await inTransaction(served.api.db.pool, (client) => recordFacts(client, { facts: [fact] }));
  }

  beforeAll(async () => {
    served = await openDashboard(binary!);
    const { pool, listener } = served.api.db;
    engine = startAlertEngine(pool, listener, new ReceiptClock(), pino({ level: "silent" }));
    call = await served.api.as("admin");
    const place = (name: string, stage: string, lat: number) =>
      made("/locations", { name, stage, geofence: { lat, lon: 11, radius_m: 200 } });
    ids.hub = await place("North hub", "storage", 48);
    ids.shop = await place("Corner shop", "delivery", 48.2);
    ids.truck = await made("/vehicles", { name: "Truck 1" });
    await call("POST /devices", { id: "tracker", kind: "gps", mount: { vehicle_id: ids.truck } });
    await made("/drivers", { name: "Ada Lindgren", token: "CARD-1" });
    const goods = { product_name: "Tea", quantity: 1, location: ids.hub, destination_id: ids.shop, at: time(-60) };
    ids.goods = await made("/shipments", goods);
    await made(`/shipments/${ids.goods}/handling-units`, { sscc: SSCC });
    const stops = [
      { location_id: ids.hub, window: window(0), shipment_ids: [ids.goods] },
      { location_id: ids.shop, window: window(120), shipment_ids: [ids.goods] },
    ];
    ids.trip = await made("/trips", { vehicle_id: ids.truck, driver: "Bo", stops });
    const vehicle = `vehicle:${ids.truck}`;
    await record(vehicle, -40, "driver_signed_on", { token: "CARD-1" });
    const [from, to] = [
      { lat: 48, lon: 10.9 },
      { lat: 48, lon: 11 },
    ];
    await record(vehicle, -30, "trip", { since: begin - 50 * MINUTE, from, to, distanceM: 7_400 });
    // It is moved in the yard, after 20 minutes.
    await record(vehicle, -5, "trip", { since: begin - 10 * MINUTE, from: to, to, distanceM: 400 });
    await record(vehicle, -35, "harsh_driving", { manoeuvre: "braking", g: 0.45, by: "device" });
    await record(vehicle, -30, "arrived", { locationId: ids.hub });
    await record(`shipment:${ids.goods}`, -5, "loaded", { vehicleId: ids.truck, locationId: ids.hub });
  });
  afterAll(async () => {
    await engine?.close();
    await served?.close();
  });

  const picture = async (page: Page, name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };

  it("the board shows at once that a vehicle has left, though trips have no topic of the stream", async () => {
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Trips" }).click();
      const board = page.getByRole("table", { name: "Trips by vehicle" });
      await board.getByText("Planned").first().waitFor();
      // The page's clock stands, so it does not ask by the time that has passed.
      await page.clock.setFixedTime(new Date());
      await record(`vehicle:${ids.truck}`, 15, "departed", { locationId: ids.hub });
      await board.getByText("Under way").waitFor();
    }, DESK);
  });

  it("custody names the driver, and the vehicle's card the harsh braking and where it stood", async () => {
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Shipments" }).click();
      await page.getByRole("button", { name: /Tea/ }).first().click();
      await page.getByText("The log, entry by entry").click();
      const driven = page.getByText(/driven by Ada Lindgren \(signed on\)/);
      await driven.first().waitFor();
      await driven.last().scrollIntoViewIfNeeded();
      await picture(page, "custody-driver-desk");
      await page.getByRole("tab", { name: "Vehicles" }).click();
      await page.getByRole("button", { name: "Truck 1" }).first().click();
      await page.getByText("Drives", { exact: true }).click();
      await page.getByText("1 × harsh braking").waitFor();
      const card = page.locator(".vehicle-card");
      await card.getByRole("link", { name: "All drives of these days as CSV" }).waitFor();
      await picture(page, "drives-harsh-desk");
      await card.getByText("Stops", { exact: true }).click();
      const stops = card.getByRole("region", { name: "Stops" });
      await stops.getByText("20 min").waitFor();
      await stops.getByRole("link", { name: "All stops of these days as CSV" }).waitFor();
      await picture(page, "stops-desk");
      await stops.getByRole("button", { name: "North hub" }).click();
      await page.getByRole("article").getByRole("heading", { name: "North hub" }).waitFor();
    }, DESK);
  });

  it("a stop that was left without a unit is an alert that opens its trip, which the search finds too", async () => {
    // Somebody says that the goods were never loaded.
    const { body } = await call(`GET /shipments/${ids.goods}/events`);
    const loaded = (body as unknown as { id: number; type: string }[]).find(({ type }) => type === "loaded")!;
    const reason = { reason: "it was left at the dock" };
    expect((await call(`POST /shipments/${ids.goods}/events/${loaded.id}/void`, reason)).status).toBeLessThan(300);
    for (const [name, options] of [
      ["desk", DESK],
      ["phone", PHONE],
    ] as const) {
      await served.signedIn(async (page) => {
        await page.getByRole("tab", { name: /Alerts/ }).click();
        await page.getByRole("button", { name: new RegExp(`not loaded: ${SSCC}`) }).click();
        const alert = page.getByRole("article", { name: /^Alert: Truck 1 at North hub/ });
        await alert.getByText("Call the driver before the next stop.").waitFor();
        await picture(page, `load-alert-${name}`);
        await alert.getByRole("button", { name: "Trip, and what was loaded at its stops" }).click();
        await page.getByRole("list", { name: "missing" }).getByText(SSCC).waitFor();

        await page.getByRole("combobox", { name: "Search everything" }).fill("bo");
        await page.getByRole("option", { name: new RegExp(`^Trip ${ids.trip} · Bo`) }).waitFor();
        await picture(page, `trip-search-${name}`);

        const [wide, shown] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        expect(wide).toBeLessThanOrEqual(shown);
      }, options);
    }
  });
});

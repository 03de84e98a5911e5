import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FactData, FactType, NewFact } from "../../../ingest/domain/fact.ts";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
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

describe.skipIf(binary === undefined)("trips on the page in Chromium", () => {
  let served: ServedDashboard;
  let call: Awaited<ReturnType<ServedDashboard["api"]["as"]>>;
  const ids = { hub: 0, shop: 0, market: 0, truck: 0, van: 0, planned: 0, other: 0 };
  const begin = Math.floor(Date.now() / MINUTE) * MINUTE - 180 * MINUTE;
  const time = (minute: number): string => new Date(begin + minute * MINUTE).toISOString();
  const window = (from: number) => ({ from: time(from), to: time(from + 20) });
  let facts = 0;

  async function made(path: string, body: object): Promise<number> {
    const answer = await call(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  }
  async function record<T extends FactType>(
    subject: string,
    minute: number,
    type: T,
    data: FactData[T],
  ): Promise<void> {
    const base = { key: `test:${(facts += 1)}`, rule: "test", evidence: [], confidence: 0.95, subject, type, data };
    const fact = { ...base, at: begin + minute * MINUTE } as unknown as NewFact;
    await inTransaction(served.api.db.pool, (client) => recordFacts(client, { facts: [fact] }));
  }
  const shipment = (product_name: string) =>
    made("/shipments", { product_name, quantity: 1, location: ids.hub, destination_id: ids.shop, at: time(-60) });

  beforeAll(async () => {
    served = await openDashboard(binary!);
    call = await served.api.as("admin");
    const place = (name: string, stage: string, lat: number) =>
      made("/locations", { name, stage, geofence: { lat, lon: 11, radius_m: 200 } });
    ids.hub = await place("North hub", "storage", 48);
    ids.shop = await place("Corner shop", "delivery", 48.2);
    ids.market = await place("Market hall", "delivery", 48.4);
    ids.truck = await made("/vehicles", { name: "Truck 1" });
    ids.van = await made("/vehicles", { name: "Van 2" });
    ids.planned = await shipment("Tea");
    ids.other = await shipment("Rice");
    await made(`/shipments/${ids.planned}/handling-units`, { sscc: SSCC });
    await call(`POST /shipments/${ids.other}/tags`, { epc: "3034257BF7194E4000001A86" });
    const stops = [
      { location_id: ids.hub, window: window(0), shipment_ids: [ids.planned] },
      { location_id: ids.market, window: window(40) },
      { location_id: ids.shop, window: window(80), shipment_ids: [ids.planned] },
      { location_id: ids.hub, window: window(240) },
    ];
    await made("/trips", { vehicle_id: ids.truck, driver: "Ada Lindgren", stops });
    const vehicle = `vehicle:${ids.truck}`;
    await record(vehicle, -30, "arrived", { locationId: ids.hub });
    const { body: tags } = await call(`GET /shipments/${ids.other}/tags`);
    const { epc } = (tags as unknown as { epc: string }[])[0]!;
    const out = { locationId: ids.hub, direction: "out", portal: true, reads: 9 } as const;
    await record(`tag:${epc}`, 10, "seen", out);
    await record(vehicle, 18, "departed", { locationId: ids.hub });
    await record(vehicle, 135, "arrived", { locationId: ids.shop });
    await record(vehicle, 150, "departed", { locationId: ids.shop });
  });
  afterAll(() => served?.close());

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it("the board shows planned against actual by vehicle and by dock, and a trip what was loaded", async () => {
    for (const [name, options] of [
      ["desk", DESK],
      ["phone", PHONE],
    ] as const) {
      await served.signedIn(async (page) => {
        await page.getByRole("tab", { name: "Trips" }).click();
        const board = page.getByRole("table", { name: "Trips by vehicle" });
        await board.getByText("Under way").waitFor();
        await expect.poll(() => board.innerText()).toMatch(/2 of 4 stops[\s\S]*35 min late[\s\S]*1 skipped/);
        await picture(page, `trips-board-${name}`);
        await fitsTheWidth(page);
        await page.getByLabel("Board by").selectOption("dock");
        const docks = page.getByRole("table", { name: "Stops by place" });
        await docks.getByText("35 min late").waitFor();
        await picture(page, `trips-docks-${name}`);
        await docks.getByRole("rowgroup", { name: "Corner shop" }).getByRole("button").click();
        const hub = page.getByRole("listitem", { name: "Stop 1: North hub" });
        await hub.getByText("Loaded 0 of 1 units").waitFor();
        await hub.getByRole("list", { name: "missing" }).getByText(SSCC).waitFor();
        await hub.getByRole("list", { name: "extra" }).getByRole("listitem").first().waitFor();
        await page.getByRole("listitem", { name: "Stop 2: Market hall" }).getByText("skipped").waitFor();
        await page.getByRole("listitem", { name: "Stop 3: Corner shop" }).getByText("35 min late").waitFor();
        await picture(page, `trip-${name}`);
        await fitsTheWidth(page);
      }, options);
    }
  });

  it("a dispatcher plans a trip by mouse, changes the order of its stops, and cancels it", async () => {
    await served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Trips" }).click();
      await page.getByText("Plan a trip").click();
      const form = page.getByRole("form", { name: "Plan a trip" });
      await form.getByLabel("Vehicle").selectOption("Van 2");
      await form.getByLabel("Driver").fill("Grace");
      await form.getByLabel("Stop 1 at").selectOption("Market hall");
      await form.getByLabel("Stop 2 at").selectOption("North hub");
      await form.getByRole("button", { name: "Stop 2 earlier" }).click();
      // The windows move with their stops.
      const early = new Date(Date.now() + 60 * MINUTE).toISOString().slice(0, 16);
      const late = new Date(Date.now() + 90 * MINUTE).toISOString().slice(0, 16);
      const first = form.getByRole("listitem", { name: "Stop 1" });
      await first.getByLabel("Window from").fill(early);
      await first.getByLabel("to", { exact: true }).fill(early);
      const second = form.getByRole("listitem", { name: "Stop 2" });
      await second.getByLabel("Window from").fill(late);
      await second.getByLabel("to", { exact: true }).fill(late);
      await first.getByText(/^Load here: 0 of \d+ shipments/).click();
      await first.getByRole("checkbox", { name: /Tea/ }).check();
      await picture(page, "trip-plan-desk");
      await form.getByRole("button", { name: "Plan it" }).click();
      const detail = page.getByRole("article", { name: /^Trip \d+$/ });
      await detail.getByText("Planned", { exact: true }).first().waitFor();
      const tripId = Number(/\d+/.exec((await detail.getAttribute("aria-label")) ?? "")?.[0]);
      const { body } = await call(`GET /trips/${tripId}`);
      expect(body).toMatchObject({
        vehicle: "Van 2",
        driver: { name: "Grace" },
        stops: [
          { location_id: ids.hub, shipments: [{ id: ids.planned, action: "load" }] },
          { location_id: ids.market, shipments: [{ id: ids.planned, action: "unload" }] },
        ],
      });
      await detail.getByText("Change the plan").click();
      const change = page.getByRole("form", { name: "Change the plan" });
      await change.getByLabel("Driver").fill("Ada Lindgren");
      await change.getByRole("button", { name: "Save the plan" }).click();
      await detail.getByText("Ada Lindgren").waitFor();

      const number = (body["stops"] as { shipments: { tracking_number: string }[] }[])[0]!.shipments[0]!
        .tracking_number;
      await detail.getByRole("button", { name: number }).first().click();
      const trips = page.getByRole("region", { name: "Trips" });
      await trips.getByRole("button", { name: /Van 2/ }).click();
      await detail.getByRole("button", { name: "Cancel the trip" }).click();
      await detail.getByRole("button", { name: "Yes" }).click();
      await detail.getByText("Cancelled", { exact: true }).first().waitFor();
      expect((await call(`GET /trips/${tripId}`)).body["status"]).toBe("cancelled");
    }, DESK);
  });

  it("a manager adds a driver", async () => {
    await served.signedIn(async (page) => {
      await page.goto(`${page.url().split("#")[0]}#/administration/drivers`);
      await page.getByText("Add a driver").click();
      const form = page.getByRole("form", { name: "Add a driver" });
      await form.getByLabel("Name").fill("Lin Chen");
      await form.getByLabel("Card or iButton number").fill("01-6F-2A");
      await form.getByRole("button", { name: "Add" }).click();
      await page.getByText("01-6F-2A").waitFor();
      await picture(page, "drivers-phone");
      await fitsTheWidth(page);
    }, PHONE);
    const { body } = await call("GET /drivers");
    expect(body).toMatchObject([{ name: "Lin Chen", token: "01-6F-2A" }]);
  });
});

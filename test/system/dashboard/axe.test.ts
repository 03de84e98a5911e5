import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requires } from "../../support/requires.ts";
import { openSeededDashboard, type SeededDashboard } from "../../api/dashboard/seed-history.ts";

const binary = requires("chromium");
/** Not a limit of what is tested: a busy machine takes longer for the same. */
const PATIENCE_MS = 360_000;
const PICTURES = process.env.PICTURES;

const WINDOWS = [
  ["wide, light", { viewport: { width: 1440, height: 900 }, colorScheme: "light" }],
  ["wide, dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
  ["narrow, light", { viewport: { width: 390, height: 844 }, colorScheme: "light" }],
  ["narrow, dark", { viewport: { width: 390, height: 844 }, colorScheme: "dark" }],
] as const;

/** What axe finds that is serious or critical, each with the elements it concerns. */
async function seriousFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axe.source);
  const found = await page.evaluate<axe.Result[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((results) => results.violations)",
  );
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}

describe.skipIf(binary === undefined)("every view of the page", () => {
  let opened: SeededDashboard;
  beforeAll(async () => {
    opened = await openSeededDashboard(binary!);
    const { call } = opened.data;
    await call("POST /api-clients", { name: "ERP", role: "sales", expires_at: "2099-12-31T00:00:00Z" });
    const hook = { url: "https://wms.example.com", types: ["*"], description: "Warehouse system" };
    expect((await call("POST /webhooks", hook)).status).toBe(201);
    await call("POST /imports/items", [{ sku: "a" }, { sku: "b" }]);
    await call("POST /service-accounts", { id: "gateway-1", publish: ["devices/+/gps"] });
    const { item_id: nut } = (await call(`GET /inventory-items/${opened.seeded.stockId}`)).body;
    const { id: order } = (await call("POST /orders", { kind: "customer", lines: [{ item_id: nut, quantity: 1 }] }))
      .body;
    await call(`PUT /orders/${order as number}`, { status: "approved" });
    expect((await call("POST /pick-lists", { order_ids: [order] })).status).toBe(201);
    await call("POST /drivers", { name: "Ada Lindgren", token: "01-6F" });
    const begin = Date.now() - 3_600_000;
    const window = { from: new Date(begin).toISOString(), to: new Date(begin + 60_000).toISOString() };
    const stops = [{ location_id: 2, window, shipment_ids: [opened.seeded.shipmentId] }];
    const trip = { vehicle_id: opened.data.trucks[1], driver: "Ada Lindgren", stops };
    expect((await call("POST /trips", trip)).status).toBe(201);
  }, PATIENCE_MS);
  afterAll(() => opened?.served.close());

  /** the address of each view, and a text that it shows when it is drawn */
  const viewsOf = ({ data, seeded }: SeededDashboard): [name: string, hash: string, text: string][] => [
    ["shipments", "#/", "Turbine blade"],
    ["shipment", `#/?shipment=${seeded.shipmentId}`, "said so"],
    ["alerts", "#/?tab=alerts", "Nothing needs attention"],
    ["alert rules", "#/administration/alert-rules", "Out of stock"],
    ["notifications", "#/administration/notification-rules", "There are no notification rules"],
    ["webhooks", "#/integrations/webhooks", "Warehouse system"],
    ["assistants", "#/integrations/assistants", "Assistants may not ask"],
    ["log of events", "#/integrations/event-log", "Newest event"],
    ["vehicles", `#/?tab=vehicles&vehicle=${data.trucks[1]}`, "The map follows it"],
    ["trips", "#/?tab=trips", "Ada Lindgren"],
    ["EPCIS captures", "#/integrations/epcis", "No document was captured yet"],
    ["trip", "#/?tab=trips&trip=1", "units"],
    ["drivers", "#/administration/drivers", "01-6F"],
    ["orders", "#/?tab=orders", "SO-1"],
    ["order", `#/?tab=orders&order=${seeded.orderId}`, "Set to"],
    ["pick list", "#/?picks=1", "Scan the place"],
    ["devices", "#/?tab=devices", "Shelf scale"],
    ["device", "#/?tab=devices&device=shelf-4", "it may not publish to"],
    ["audit", "#/?tab=audit", "only counted"],
    ["stock", `#/?stock=${seeded.stockId}`, "Counted"],
    ["users", "#/administration/users", "all locations"],
    ["API clients", "#/administration/api-clients", "until 2099-12-31"],
    ["imports", "#/administration/imports", "2 with errors"],
    ["MQTT accounts", "#/administration/service-accounts", "publishes devices/+/gps"],
    ["devices of Administration", "#/administration/devices/shelf-4", "Secrets"],
    ["registration keys", "#/administration/device-profiles", "There are no registration keys yet."],
    ["quarantine", "#/administration/quarantine", "shelf-4"],
    ["locations", "#/administration/locations/1", "Lies in"],
    ["products", "#/administration/items", "SKU-1"],
    ["decoding", "#/administration/decoding", "Decode a message"],
    ["a location", "#/?location=2", "Garching Warehouse"],
    ["a product", "#/?item=1", "SKU-1"],
    ["account", "#/account", "this one"],
  ];

  it.each(WINDOWS)(
    "has nothing serious for axe (%s)",
    async (where, window) => {
      const { served } = opened;
      const findings: string[] = [];
      async function check(page: Page, name: string): Promise<void> {
        findings.push(...(await seriousFindings(page)).map((finding) => `${name}: ${finding}`));
        if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name} ${where}.png` });
      }
      const options = { ...window, reducedMotion: "reduce" } as const;
      await served.inWindow(async (page) => {
        await page.getByRole("button", { name: "Sign in" }).waitFor();
        await check(page, "sign-in");
      }, options);
      await served.signedIn(async (page) => {
        for (const [name, hash, text] of viewsOf(opened)) {
          await page.goto(`${served.origin}/${hash}`);
          await page.getByText(text).first().waitFor();
          await check(page, name);
        }
      }, options);
      expect(findings).toEqual([]);
    },
    PATIENCE_MS,
  );
});

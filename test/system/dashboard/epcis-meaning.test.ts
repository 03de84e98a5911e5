import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { appendEpcisEvents } from "../../../api/integrations/epcis/repository/append.ts";
import { takeCaptured } from "../../../api/integrations/epcis/meaning/take.ts";
import { CONTEXT } from "../../../ingest/domain/epcis/event.ts";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";
import { worldIn } from "../../support/world.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true } as const;
const SSCC = "340999990000000013";
const GLN = "4012345000016";

describe.skipIf(binary === undefined)("captured events, in Chromium", () => {
  let served: ServedDashboard;
  let hub: number;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    const { pool } = served.api.db;
    hub = await worldIn(pool).location("Hub", "storage");
    const event = (step: string, minute: number, more: object) => ({
      event: {
        type: "ObjectEvent",
        eventID: `urn:uuid:00000000-0000-4000-8000-0000000000${minute}`,
        eventTime: `2026-03-01T08:${minute}:00Z`,
        eventTimeZoneOffset: "+01:00",
        action: "OBSERVE",
        epcList: [`https://id.gs1.org/00/${SSCC}`],
        bizStep: step,
        bizLocation: { id: `https://id.gs1.org/414/${GLN}` },
        ...more,
      },
    });
    const events = [event("commissioning", 10, { action: "ADD" }), event("storing", 20, {})];
    await transaction(pool, (client) => appendEpcisEvents(client, events, { source: "captured", context: CONTEXT }));
    await takeCaptured(pool, undefined);
  });
  afterAll(() => served?.close());

  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }

  it("what could not be matched is read on a phone, its place gets its GLN, and it is taken; its shipment says who told it", async () => {
    const open = async (page: Page) => {
      await page.goto(`${served.origin}/#/integrations/epcis-unmatched`);
      return page.getByRole("list", { name: "Captured events that are not matched" }).getByRole("listitem");
    };
    await served.signedIn(async (page) => {
      const rows = await open(page);
      await page.getByText("2 events are not matched.").waitFor();
      await rows.first().getByText(GLN).first().waitFor();
      await fitsTheWidth(page);
      await picture(page, "unmatched-phone");
    }, PHONE);
    const manager = await served.api.as("manager");
    expect((await manager(`PUT /locations/${hub}`, { gln: GLN })).status).toBe(200);
    await served.signedIn(async (page) => {
      const rows = await open(page);
      await rows.first().locator("summary").click();
      await picture(page, "unmatched");
      await rows.first().getByRole("button", { name: "Look again" }).click();
      await page.getByText("All captured events could be matched.").waitFor();
    });
    const [{ id }] = (await manager(`GET /shipments?q=${SSCC}`)).body as unknown as [{ id: number }];
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/?shipment=${id}`);
      await page.getByText("A partner's system said so, by an EPCIS event").first().waitFor();
      const link = page.getByRole("link", { name: "Events as partners get them (EPCIS)" });
      expect(await link.getAttribute("href")).toBe(`/shipments/${id}/events?format=epcis`);
      await page.getByRole("link", { name: "Track (GPX)" }).scrollIntoViewIfNeeded();
      await picture(page, "captured-shipment");
    });
  });
});

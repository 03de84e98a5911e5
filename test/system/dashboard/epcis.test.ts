import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { documentWith, eventWith } from "../../api/resources/epcis/epcis-test.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const ID = "urn:uuid:33333333-3333-4333-8333-333333333333";

describe.skipIf(binary === undefined)("EPCIS captures on the page in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    await seedDashboard(served.api);
  });
  afterAll(() => served?.close());

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  async function open(page: Page) {
    await page.goto(`${new URL(page.url()).origin}/#/integrations/epcis`);
    const form = page.getByRole("form", { name: "Capture a document" });
    await form.waitFor();
    return form;
  }
  const choose = (page: Page, document: unknown) =>
    page.locator(".drop input").setInputFiles({
      name: "events.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(document)),
    });

  it("a person sends a document, sees that it is captured, and what is wrong with another", async () => {
    await served.signedIn(
      async (page) => {
        const form = await open(page);
        await choose(page, documentWith(eventWith({ eventID: ID }), eventWith()));
        await form.getByText("events.json (1 kB)").waitFor();
        await form.getByRole("button", { name: "Capture" }).click();
        const rows = page.getByRole("list", { name: "Captures" }).getByRole("listitem");
        await rows.filter({ hasText: "2 events" }).getByText("captured", { exact: true }).waitFor();

        await choose(page, documentWith(eventWith({ action: "CREATE" })));
        await form.getByRole("button", { name: "Capture" }).click();
        await form.getByText("epcisBody/eventList/0/action: one of OBSERVE, ADD, DELETE is expected").waitFor();

        await choose(page, documentWith(eventWith({ eventID: ID }), eventWith(), eventWith()));
        await form.getByLabel("If an event cannot be captured").selectOption("Capture the others");
        await form.getByRole("button", { name: "Capture" }).click();
        const partly = rows.filter({ hasText: "3 events" });
        await partly.getByText("captured in part").waitFor();
        await partly.locator("summary").click();
        await partly.getByText(`event 1: another event has the eventID ${ID}`).waitFor();
        await fitsTheWidth(page);
        await picture(page, "epcis-captures");
      },
      { viewport: { width: 1440, height: 900 }, expectedFailure: /400/ },
    );
  });

  it("all of it can be used on a phone, in the dark", async () => {
    await served.signedIn(async (page) => {
      await open(page);
      const row = page.getByRole("list", { name: "Captures" }).getByRole("listitem").first();
      await row.locator("summary").click();
      await row.getByRole("region", { name: "Result of the capture" }).waitFor();
      await fitsTheWidth(page);
      await picture(page, "epcis-captures-phone");
    }, PHONE);
  });
});

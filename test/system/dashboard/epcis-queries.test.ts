import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { appendEpcisEvents } from "../../../api/integrations/epcis/repository/append.ts";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { addUser, openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { sampleDocuments } from "../../api/integrations/epcis/samples.ts";
import { SEALER } from "../../api/support.ts";
import { quiet } from "../../support/ingest.ts";
import { type HttpReceiver, startHttpReceiver } from "../../support/receivers.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("queries of EPCIS on the page in Chromium", () => {
  let served: ServedDashboard;
  let receiver: HttpReceiver;
  let relay: { close(): Promise<void> };
  beforeAll(async () => {
    served = await openDashboard(binary!);
    await seedDashboard(served.api);
    receiver = await startHttpReceiver();
    await addUser(served.api, "mia@waystock.test", "manager");
    for (const { events, context } of sampleDocuments("valid"))
      await transaction(served.api.db.pool, (client) =>
        appendEpcisEvents(
          client,
          events.map((event) => ({ event })),
          { source: "captured", context },
        ),
      );
    const options = { pool: served.api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", log: quiet };
    const allowedHosts = ["127.0.0.1"];
    relay = startRelay({ ...options, allowedHosts, smtpUrl: undefined, startLoop, maskSecrets, intervalMs: 100 });
  });
  afterAll(async () => {
    await relay?.close();
    await receiver?.close();
    await served?.close();
  });

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  /** Nothing serious is in the way of people who use a screen reader or the keyboard. */
  async function isAccessible(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    const found = await page.evaluate<axe.Result[]>("axe.run(document).then(({ violations }) => violations)");
    const serious = found.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }

  it("a person finds events by EPC and step, and sees them as they were sent", async () => {
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/integrations/epcis-queries`);
      const form = page.getByRole("form", { name: "Search EPCIS events" });
      await form.getByLabel("EPC, or a pattern with *").fill("urn:epc:idpat:sgtin:4012345.077889.*");
      await form.getByLabel("Business step").fill("commissioning");
      await form.getByRole("button", { name: "Search" }).click();
      await page.getByText("1 event, newest first.").waitFor();
      const found = page.getByRole("list", { name: "Events" }).getByRole("listitem");
      await found.getByText("TransformationEvent").first().click();
      await found.getByText("Example of a vendor/user extension").waitFor();
      await picture(page, "epcis-search-desk");
      await fitsTheWidth(page);
    }, DESK);
  });

  it("a query is added and subscribed to; what its receiver says is shown, and it is ended", async () => {
    const dest = `${receiver.url}/partner`;
    await served.signedIn(
      async (page) => {
        await page.goto(`${served.origin}/#/integrations/epcis-queries`);
        await page.getByText("There are no named queries.").waitFor();
        await page.getByRole("button", { name: "Add a named query" }).click();
        const form = page.getByRole("form", { name: "Add a named query" });
        await form.getByLabel("Name").fill("Shipped");
        await form.getByLabel("Parameters of the query, as JSON").fill('{"EQ_colour": ["red"]}');
        await form.getByRole("button", { name: "Add", exact: true }).click();
        await form.getByText("there is no query parameter EQ_colour").waitFor();
        await form.getByLabel("Parameters of the query, as JSON").fill('{"EQ_bizStep": ["shipping"]}');
        await form.getByRole("button", { name: "Add", exact: true }).click();
        const row = page.getByRole("list", { name: "Named queries" }).getByRole("listitem").first();
        await row.getByText("Shipped").first().click();
        await row.getByText("Nobody is told of what it finds.").waitFor();
        const subscribe = row.getByRole("form", { name: "Subscribe to Shipped" });
        await subscribe.getByLabel("URL").fill(dest);
        await subscribe.getByRole("button", { name: "Subscribe" }).click();
        await row.getByText(dest).waitFor();
        await picture(page, "epcis-queries-desk");
        await isAccessible(page);
        await fitsTheWidth(page);
      },
      { ...DESK, expectedFailure: /400/ },
    );
    receiver.answer = { status: 503, body: "closed for stocktaking" };
    const event = { type: "ObjectEvent", action: "OBSERVE", bizStep: "shipping", epcList: ["urn:example:epc:1"] };
    const at = { eventTime: "2026-03-01T08:00:00Z", eventTimeZoneOffset: "+00:00", eventID: "urn:example:event:1" };
    const context = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld";
    await transaction(served.api.db.pool, (client) =>
      appendEpcisEvents(client, [{ event: { ...event, ...at } }], { source: "captured", context }),
    );
    await expect.poll(() => receiver.at("/partner").length).toBeGreaterThan(0);
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/integrations/epcis-queries`);
      const row = page.getByRole("list", { name: "Named queries" }).getByRole("listitem").first();
      await row.getByText("Shipped").first().click();
      await row.getByText(/closed for stocktaking/).waitFor();
      await picture(page, "epcis-queries-phone");
      await isAccessible(page);
      await fitsTheWidth(page);
      await row.getByRole("button", { name: "End" }).click();
      await row.getByRole("group", { name: "End" }).getByRole("button", { name: "Yes" }).click();
      await row.getByText("Nobody is told of what it finds.").waitFor();
    }, PHONE);
  });
});

import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requires } from "../../support/requires.ts";
import { addUser, openDashboard, type ServedDashboard, signIn } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1440, height: 900 };
/** A picture of one dot. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

describe.skipIf(binary === undefined)("a shipment on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  let link: string;

  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
    await addUser(served.api, "viktor@waystock.test", "viewer");
  });
  afterAll(() => served?.close());

  const picture = async (page: Page, name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };
  const unfold = (page: Page, label: string) => page.getByText(label, { exact: true }).first().click();
  const form = (page: Page, name: string) => page.getByRole("form", { name, exact: true });
  const detailOf = (page: Page) => page.getByRole("article", { name: /^Shipment/ });
  async function open(page: Page): Promise<void> {
    await page.getByText("Tea, green and 1 more").first().click();
    await detailOf(page).waitFor();
  }
  const fitsTheWidth = async (page: Page): Promise<void> => {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  };

  it("is created with several products, and its label and its delivery note are printed", async () => {
    await served.signedIn(
      async (page) => {
        await unfold(page, "New shipment");
        const created = form(page, "New shipment");
        await created.getByLabel("or its name", { exact: true }).fill("Tea, green");
        await created.getByLabel("Quantity", { exact: true }).fill("12");
        await created.getByLabel("Product 2").selectOption({ label: "Gear oil 5 l (SKU-5)" });
        await created.getByLabel("Quantity 2").fill("3");
        await created.getByLabel(/^At/).selectOption({ label: "Garching Warehouse" });
        await created.getByLabel(/^To/).selectOption({ label: "Landshut Store" });
        await picture(page, "new-shipment-lines");
        await created.getByRole("button", { name: "Create" }).click();
        const detail = detailOf(page);
        await detail.getByRole("heading", { name: "Tea, green and 1 more" }).waitFor();
        await detail.getByRole("region", { name: "Goods" }).getByText("Gear oil 5 l").waitFor();

        await unfold(page, "Print the label");
        const label = detail.getByRole("img", { name: "Label with bars and a QR code" });
        await expect
          .poll(() => page.evaluate<number>("document.querySelector('.printed-label').naturalWidth"))
          .toBeGreaterThan(0);
        await label.scrollIntoViewIfNeeded();
        await picture(page, "papers");
        for (const [name, type] of [
          ["PDF", "application/pdf"],
          ["ZPL, 203 dpi", "application/zpl"],
          ["Delivery note", "application/pdf"],
        ] as const) {
          const address = await detail.getByRole("link", { name, exact: true }).getAttribute("href");
          const file = await page.request.get(new URL(address!, served.origin).href);
          expect([file.status(), file.headers()["content-type"]], name).toEqual([200, type]);
        }
      },
      { viewport: SCREEN },
    );
  });

  it("gets a tracking link, which is copied", async () => {
    await served.signedIn(
      async (page) => {
        await open(page);
        const links = page.getByRole("region", { name: "Tracking links" });
        await links.getByText("In the QR code of its labels").waitFor();
        await unfold(page, "Make a tracking link");
        await form(page, "Make a tracking link")
          .getByLabel(/^Until/)
          .fill("2099-01-02T03:04");
        await form(page, "Make a tracking link").getByRole("button", { name: "Make" }).click();
        link = await links.getByLabel("link", { exact: true }).inputValue();
        await expect.poll(() => links.getByRole("listitem").count()).toBe(2);
        await links.scrollIntoViewIfNeeded();
        await picture(page, "tracking-links-phone");
        await fitsTheWidth(page);
      },
      { viewport: PHONE, colorScheme: "dark" },
    );
  });

  it.each([
    ["phone", PHONE, "dark", "en-GB", "In storage"],
    ["screen", SCREEN, "light", "de-DE", "Im Lager"],
  ] as const)("is followed by its link signed out, on a %s", async (name, viewport, colorScheme, locale, status) => {
    await served.inWindow(
      async (page) => {
        const { pathname, search } = new URL(link);
        await page.goto(served.origin + pathname + search);
        await page.getByRole("heading", { name: status }).waitFor();
        await page.getByText("Garching Warehouse").waitFor();
        await fitsTheWidth(page);
        // Its style is applied: the policy of the page lets nothing else in.
        const rounded = await page.evaluate<string>("getComputedStyle(document.querySelector('main')).borderRadius");
        expect(rounded).toBe("12px");
        await picture(page, `tracking-${name}`);
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<axe.AxeResults>("axe.run(document)");
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      },
      { viewport, colorScheme, locale },
    );
  });

  it("is revoked, and the link shows nothing", async () => {
    await served.signedIn(async (page) => {
      await open(page);
      const links = page.getByRole("region", { name: "Tracking links" });
      const made = links.getByRole("listitem").filter({ hasText: "Made" });
      await made.getByRole("button", { name: "Revoke" }).click();
      await made.getByRole("button", { name: "Yes" }).click();
      await expect.poll(() => made.count()).toBe(0);
    });
    await served.inWindow(
      async (page) => {
        await page.goto(served.origin + new URL(link).pathname);
        await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
      },
      { expectedFailure: /404/ },
    );
  });

  it("is revoked with all others at once", async () => {
    await served.signedIn(async (page) => {
      await open(page);
      const links = page.getByRole("region", { name: "Tracking links" });
      const made = links.getByRole("listitem").filter({ hasText: "Made" });
      await unfold(page, "Make a tracking link");
      for (const count of [1, 2]) {
        await form(page, "Make a tracking link").getByRole("button", { name: "Make" }).click();
        await expect.poll(() => made.count()).toBe(count);
        if (count === 1) await unfold(page, "Make a tracking link");
      }
      await picture(page, "tracking-links");
      await links.getByRole("button", { name: "Revoke all" }).click();
      await links.getByRole("button", { name: "Yes" }).click();
      await expect.poll(() => links.getByRole("listitem").count()).toBe(0);
    });
  });

  it("is handed over in part, with a reason, a photo and a signature", async () => {
    await served.signedIn(
      async (page) => {
        await open(page);
        await unfold(page, "Proof of delivery");
        const proof = form(page, "Proof of delivery");
        await proof.getByLabel("Taken by").fill("Dr. Koch");
        await proof.getByLabel("Outcome").selectOption({ label: "a part was taken" });
        await proof.getByLabel("Taken of Tea, green, of 12").fill("10");
        await proof.getByLabel("Taken of Gear oil 5 l, of 3").fill("0");
        await proof.getByLabel("Reason").fill("two were wet");
        await page
          .getByLabel("Photos of the goods")
          .setInputFiles({ name: "a.png", mimeType: "image/png", buffer: PNG });
        // A busy browser makes the picture when it has time.
        await page.evaluate(`{
          const { toBlob } = HTMLCanvasElement.prototype;
          HTMLCanvasElement.prototype.toBlob = function (...given) {
            setTimeout(() => toBlob.apply(this, given), 2_000);
          };
        }`);
        const pad = page.getByRole("img", { name: "Signature" });
        await pad.scrollIntoViewIfNeeded();
        const box = (await pad.boundingBox())!;
        await page.mouse.move(box.x + 30, box.y + 60);
        await page.mouse.down();
        await page.mouse.move(box.x + 120, box.y + 30, { steps: 4 });
        await page.mouse.move(box.x + 200, box.y + 80, { steps: 4 });
        await page.mouse.up();
        await picture(page, "proof-phone");
        await fitsTheWidth(page);
        await proof.getByRole("button", { name: "Hand over" }).click();
        const events = page.getByRole("region", { name: "Events" });
        await events.getByText(/^Dr\. Koch took a part: 10 of line 1, 0 of line 2 · two were wet$/).waitFor();
        for (const name of ["photo", "signature"]) await events.getByRole("img", { name, exact: true }).waitFor();
      },
      { viewport: PHONE },
    );
    const [shipment] = (await data.call("GET /shipments?q=tea, green")).body as unknown as { id: number }[];
    const kept = (await data.call(`GET /shipments/${shipment!.id}/attachments`)).body as unknown as { kind: string }[];
    expect(kept.map(({ kind }) => kind)).toEqual(["photo", "signature"]);
  });

  it("shows a viewer its papers, and nothing that makes or revokes links", async () => {
    await served.inWindow(async (page) => {
      await signIn(page, "viktor@waystock.test");
      await open(page);
      await page.getByRole("region", { name: "Papers" }).waitFor();
      await expect.poll(() => page.getByRole("region", { name: "Tracking links" }).count()).toBe(0);
      await expect.poll(() => page.locator("summary", { hasText: "Proof of delivery" }).count()).toBe(0);
    });
  });
});

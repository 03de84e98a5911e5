import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("putting goods away, in Chromium", () => {
  let served: ServedDashboard;
  let call: Awaited<ReturnType<ServedDashboard["api"]["as"]>>;
  let n = 0;
  const ids: Record<string, number> = {};
  beforeAll(async () => {
    served = await openDashboard(binary!);
    call = await served.api.as("admin");
  });
  afterAll(() => served?.close());

  async function add(path: string, body: object): Promise<number> {
    const answer = await call(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  }

  /** A site with a dock where 24 of milk and 6 of bleach have arrived; 2 of milk are in the cold already, with room for 20 more. */
  beforeEach(async () => {
    n += 1;
    const site = await add("/locations", { name: `Site ${n}` });
    const place = (name: string, more: object) => add("/locations", { name: `${name} ${n}`, parent_id: site, ...more });
    ids["dock"] = await place("Dock", { kind: "receiving" });
    ids["cold"] = await place("Cold", {
      ...{ kind: "storage", storage_category: "chilled", capacity_units: 22, barcode: `COLD-${n}` },
    });
    ids["colder"] = await place("Colder", { kind: "storage", storage_category: "chilled" });
    ids["cage"] = await place("Cage", { kind: "storage", storage_category: "hazard" });
    ids["milk"] = await add("/items", { sku: `MILK-${n}`, name: "Milk", storage_category: "chilled" });
    ids["bleach"] = await add("/items", {
      ...{ sku: `BLEACH-${n}`, name: "Bleach", storage_category: "hazard", barcode: `B-${n}` },
    });
    await add("/inventory-items", { item_id: ids["milk"], location_id: ids["cold"], quantity: 2 });
    await add("/inventory-items", { item_id: ids["milk"], location_id: ids["dock"], quantity: 24 });
    await add("/inventory-items", { item_id: ids["bleach"], location_id: ids["dock"], quantity: 6 });
  });

  /** As a scanner does it: the keys of the code, and Enter, wherever the focus is. */
  async function scan(page: Page, code: string): Promise<void> {
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
  }
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const level = async (item: string, place: string) => {
    const { body } = await call(`GET /inventory-items?item_id=${ids[item]}&location_id=${ids[place]}`);
    return (body as unknown as { quantity: number }[]).reduce((sum, { quantity }) => sum + quantity, 0);
  };
  const done = (page: Page) => page.locator(".put-away .done");

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)(
    "a scan of the suggested place books the goods, and another place is refused with the reason: %s",
    async (name, options) => {
      await served.signedIn(
        async (page) => {
          await page.getByRole("link", { name: "Put away" }).click();
          await page.getByLabel("From").selectOption({ label: `Dock ${n}` });
          const milk = page.getByRole("article", { name: "Milk" });
          await milk.getByText("Put 20 to").waitFor();
          await picture(page, `put-away-${name}`);
          await fitsTheWidth(page);

          await scan(page, `LOC-${ids["cage"]}`);
          await page
            .getByRole("alert")
            .getByText(`Milk may not be put to Cage ${n}: it takes hazard goods, and Milk is chilled`)
            .waitFor();
          await picture(page, `put-away-refused-${name}`);
          expect(await level("milk", "dock")).toBe(24);

          // Nobody touches the field: the focus is on a button.
          await page.getByRole("button", { name: /^Milk/ }).focus();
          await scan(page, `COLD-${n}`);
          await expect.poll(() => done(page).innerText()).toBe(`20 pieces of Milk: now at Cold ${n}.`);
          await milk.getByText("Put 4 to").waitFor();
          expect([await level("milk", "cold"), await level("milk", "dock")]).toEqual([22, 4]);

          // Another product is scanned first, then its place; both at once, as fast as a scanner types.
          await scan(page, `B-${n}`);
          await scan(page, `LOC-${ids["cage"]}`);
          await expect.poll(() => done(page).innerText()).toBe(`6 pieces of Bleach: now at Cage ${n}.`);
          expect(await level("bleach", "cage")).toBe(6);

          await page.getByLabel("How many").fill("3");
          await page.getByRole("button", { name: `They are at Colder ${n} now` }).click();
          await expect.poll(() => done(page).innerText()).toBe(`3 pieces of Milk: now at Colder ${n}.`);
          await page.getByRole("button", { name: `They are at Colder ${n} now` }).click();
          await page.getByText("Nothing is to be put away here.").waitFor();
          expect([await level("milk", "colder"), await level("milk", "dock")]).toEqual([4, 0]);
        },
        { ...options, expectedFailure: /409/ },
      );
    },
  );

  it("the page of a receiving place leads there, and its reload stays there", async () => {
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/?location=${ids["dock"]}`);
      await page.reload();
      await page.getByRole("link", { name: "Put its goods away" }).click();
      await page.getByRole("article", { name: "Milk" }).waitFor();
      await page.reload();
      await page.getByRole("article", { name: "Milk" }).waitFor();
    }, DESK);
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addUser, openDashboard, type ServedDashboard, signIn } from "../../api/dashboard/chromium-window.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };

describe.skipIf(binary === undefined)("what has little room on the page, in Chromium", () => {
  let served: ServedDashboard;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    await served.api.db.pool.query("INSERT INTO vehicles (name) SELECT 'Truck ' || n FROM generate_series(1, 1500) n");
    await addUser(served.api, "otto@waystock.test", "operator");
  });
  afterAll(() => served?.close());

  it.each([
    ["desk", DESK],
    ["phone", PHONE],
  ] as const)("all tabs are within the page, with counts of four digits too: %s", async (name, options) => {
    await served.signedIn(async (page) => {
      const tabs = page.getByRole("tablist");
      if (name === "desk") await tabs.getByText("1,500").waitFor();
      const [left, right] = await page.evaluate<[number, number]>(
        `(() => { const { left, right } = document.querySelector(".sidebar").getBoundingClientRect(); return [left, right]; })()`,
      );
      for (const tab of await tabs.getByRole("tab").all()) {
        const box = (await tab.boundingBox())!;
        expect(box.x).toBeGreaterThanOrEqual(left);
        expect(box.x + box.width).toBeLessThanOrEqual(right);
      }
      await tabs.getByRole("tab", { name: "Audit" }).click();
      await expect.poll(() => tabs.getByRole("tab", { name: "Audit" }).getAttribute("aria-selected")).toBe("true");
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/tabs-${name}.png` });
    }, options);
  });

  it("an operator reads what a tag says on the page of the account", async () => {
    await served.inWindow(async (page) => {
      await page.goto(served.origin);
      await signIn(page, "otto@waystock.test");
      await page.getByRole("link", { name: /otto@waystock.test|Account/ }).click();
      const tool = page.getByRole("region", { name: "Decode a tag or code" });
      await tool.getByLabel(/^Hex or base64/).fill("urn:epc:id:sgtin:0614141.112345.400");
      await tool.getByRole("button", { name: "Decode" }).click();
      await tool
        .getByRole("status")
        .getByText(/10614141123459/)
        .waitFor();
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/account-epc.png`, fullPage: true });
    }, PHONE);
  });
});

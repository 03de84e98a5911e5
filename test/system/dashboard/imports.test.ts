import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import { requires } from "../../support/requires.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;
const DESK = { viewport: { width: 1440, height: 900 } };
const FILE = "sku;name;unit_weight_grams\r\nIMP-1;Käse;12,5\r\nIMP-2;;3\r\nIMP-3;Bär;viel\r\n";

describe.skipIf(binary === undefined)("imports on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
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
    await page.getByRole("link", { name: "Administration" }).click();
    await page.getByRole("link", { name: "Imports" }).click();
    const form = page.getByRole("form", { name: "Import a file" });
    await form.waitFor();
    return form;
  }
  /** Drops a file as a person does. */
  async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
    const content = `Uint8Array.from(atob("${bytes.toString("base64")}"), (each) => each.codePointAt(0))`;
    const given = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([${content}], "${name}"));
      return transfer;
    })()`);
    await page.dispatchEvent(".drop", "drop", { dataTransfer: given });
  }
  const nameOf = async (sku: string) =>
    ((await data.call(`GET /items?q=${sku}`)).body as unknown as { name: string }[])[0]?.name;

  it("an administrator drops a file, tries it, sees what is wrong by line and column, and imports the rest", async () => {
    await served.signedIn(async (page) => {
      const form = await open(page);
      await form.getByLabel("What the file holds").selectOption("Products");
      await drop(page, "products.csv", Buffer.from(FILE, "latin1"));
      await form.getByText("products.csv (1 kB)").waitFor();
      await form.getByRole("button", { name: "Dry run" }).click();
      const trial = page.getByRole("region", { name: "Result of the dry run" });
      await trial.getByText("Nothing was changed. Some rows have errors.").waitFor();
      await expect
        .poll(() => trial.locator("dl").innerText())
        .toMatch(/Rows\s+3\s+Would be added\s+1\s+Would be changed\s+0/);
      await trial.getByText("CSV in Latin-1 (Windows), parted by semicolons, decimal commas.").waitFor();
      const rows = trial.getByRole("row");
      await expect.poll(() => rows.nth(1).innerText()).toMatch(/3\s+name\s+a value is needed/);
      await expect.poll(() => rows.nth(2).innerText()).toMatch(/4\s+unit_weight_grams\s+"viel" is no number/);
      expect(await nameOf("IMP-1")).toBeUndefined();
      await picture(page, "import-dry-run");

      await form.getByRole("button", { name: "Import", exact: true }).click();
      const result = page.getByRole("region", { name: "Result of the import" });
      await result.getByText("The rows without errors are imported.").waitFor();
      await expect.poll(() => nameOf("IMP-1")).toBe("Käse");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        result.getByRole("link", { name: "Download the errors" }).click(),
      ]);
      expect(await readFile(await download.path(), "utf8")).toMatch(
        /^line,column,message\r\n3,name,a value is needed\r\n4,/,
      );
      const list = page.getByRole("list", { name: "Imports" });
      await expect.poll(() => list.getByRole("listitem").count()).toBe(2);
      await expect
        .poll(() => list.getByRole("listitem").first().innerText())
        .toMatch(/Products[^]*products\.csv[^]*2 with errors/);
      await fitsTheWidth(page);
    }, DESK);
  });

  it("what is exported is chosen and imported again: nothing changes; a file of another kind is refused in words", async () => {
    await served.signedIn(
      async (page) => {
        const form = await open(page);
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("region", { name: "Exports" }).getByRole("link", { name: "Stock" }).click(),
        ]);
        expect(download.suggestedFilename()).toBe("stock.csv");
        const buffer = await readFile(await download.path());
        const file = { name: "stock.csv", mimeType: "text/csv", buffer };
        await form.locator("input[type=file]").setInputFiles(file);
        await form.getByRole("button", { name: "Import", exact: true }).click();
        await form.getByText(/unknown column "item_id"/).waitFor();
        await form.getByLabel("What the file holds").selectOption("Stock");
        await form.getByRole("button", { name: "Import", exact: true }).click();
        const result = page.getByRole("region", { name: "Result of the import" });
        await result.getByText("All rows are imported.").waitFor();
        const rows = buffer.toString("utf8").trim().split("\r\n").length - 1;
        await expect
          .poll(() => result.locator("dl").innerText())
          .toMatch(new RegExp(`Added\\s+0\\s+Changed\\s+0\\s+Unchanged\\s+${rows}`));
        await fitsTheWidth(page);
        await picture(page, "import-phone");
      },
      { ...PHONE, expectedFailure: /400/ },
    );
  });

  it("a large file shows how far it has come until it is done", async () => {
    await served.signedIn(async (page) => {
      const form = await open(page);
      const lines = Array.from(
        { length: 6_000 },
        (_, at) => `BIG-${at},A product with a name that is long enough ${at}`,
      );
      const file = { name: "big.csv", mimeType: "text/csv", buffer: Buffer.from(`sku,name\n${lines.join("\n")}\n`) };
      await form.locator("input[type=file]").setInputFiles(file);
      await form.getByRole("button", { name: "Import", exact: true }).click();
      const result = page.getByRole("region", { name: "Result of the import" });
      await result.getByRole("progressbar", { name: "How much of the file has been read" }).waitFor();
      await result.getByText("All rows are imported.").waitFor({ timeout: 100_000 });
      await expect.poll(() => result.locator("dl").innerText()).toMatch(/Rows\s+6,000\s+Added\s+6,000/);
      await expect.poll(() => result.getByRole("progressbar").count()).toBe(0);
    }, DESK);
  });

  it("an administrator goes on with an import that was interrupted, with the same file", async () => {
    const csv = "sku,name\nGO-1,Gong\nGO-2,Gorse\n";
    const token = await served.api.tokenOf("admin");
    const answer = await served.api.app.request("/imports/items?file_name=go.csv", {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv" },
      body: csv,
    });
    const { id } = (await answer.json()) as { id: number };
    // As it would be had the process ended after the first row.
    await served.api.db.pool.query("UPDATE imports SET state = 'interrupted', rows = 1, created = 1 WHERE id = $1", [
      id,
    ]);
    await served.api.db.pool.query("DELETE FROM items WHERE sku = 'GO-2'");
    await served.signedIn(async (page) => {
      await open(page);
      const row = page.getByRole("list", { name: "Imports" }).getByRole("listitem").first();
      await row.getByText("go.csv").click();
      await row.getByText(/Done so far: 1 row\./).waitFor();
      await picture(page, "import-interrupted");
      await fitsTheWidth(page);
      const file = { name: "go.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
      await row.getByLabel("Go on with the same file").setInputFiles(file);
      await row.getByText("All rows are imported.").waitFor();
      expect(await nameOf("GO-2")).toBe("Gorse");
    }, PHONE);
  });
});

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSignInLink } from "../../../api/auth/bootstrap-admin.ts";
import { requires } from "../../support/requires.ts";
import { moveTruck, seedDashboard } from "../../api/dashboard/seed-dashboard.ts";
import type { TestApi } from "../../api/support.ts";
import {
  type BuiltDashboard,
  buildDashboard,
  EMAIL,
  type ServedDashboard,
  serveDashboard,
  signIn,
} from "../../api/dashboard/chromium-window.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MAX_JS_BYTES = 90 * 1024;
const MAX_BYTES_BEFORE_MAP = 130 * 1024;

const FIXES = [
  { lat: 48.6, lon: 11.5, speed: 21, heading: 172 },
  { lat: 48.4, lon: 11.9, speed: 18, heading: 55 },
  { lat: 48.3, lon: 11.1, speed: 0, heading: 0 },
  { lat: 48.05, lon: 11.8, speed: 24, heading: 130 },
  { lat: 48.2, lon: 11.3, speed: 22, heading: 250 },
  { lat: 48.47, lon: 11.6, speed: 19, heading: 350 },
];

/** Runs in the page: the opaque colours of each canvas, as 0xrrggbb. */
const COLOURS = `[...document.querySelectorAll("canvas")].map((canvas) => {
  // A copy: Chromium warns of a canvas of the page that is read more than once.
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = new Set();
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] === 255) seen.add(pixels[at] * 65536 + pixels[at + 1] * 256 + pixels[at + 2]);
  }
  return [...seen];
})`;

let built: BuiltDashboard;

beforeAll(async () => {
  built = await buildDashboard();
});
afterAll(() => built.remove());

/** The scripts that a page loads before it shows anything: that of index.html, and what it imports at once. */
async function firstScripts(): Promise<string[]> {
  const html = await readFile(join(built.directory, "index.html"), "utf8");
  const names = new Set(Array.from(html.matchAll(/<script[^>]* src="\/assets\/([^"]+)"/g), ([, name]) => name!));
  for (const name of names) {
    const text = await readFile(join(built.directory, "assets", name), "utf8");
    for (const [, imported] of text.matchAll(/\b(?:from|import)\s*"\.\/([^"]+\.js)"/g)) names.add(imported!);
  }
  return [...names];
}

async function gzipBytes(names: readonly string[]): Promise<number> {
  const sizes = names.map(async (name) => gzipSync(await readFile(join(built.directory, "assets", name))).length);
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

describe("the built page", () => {
  it("is small enough to load fast", async () => {
    const scripts = await firstScripts();
    expect(scripts.length).toBeGreaterThan(0);
    expect(await gzipBytes(scripts)).toBeLessThan(MAX_JS_BYTES);
    const others = (await readdir(join(built.directory, "assets"))).filter((name) => /\.(css|svg)$|110m/.test(name));
    expect(others.length).toBeGreaterThan(2);
    expect(await gzipBytes([...scripts, ...others])).toBeLessThan(MAX_BYTES_BEFORE_MAP);
  });

  it("has no inline script or style, which the Content-Security-Policy would block", async () => {
    const html = await readFile(join(built.directory, "index.html"), "utf8");
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=/);
  });
});

const binary = requires("chromium");

describe.skipIf(binary === undefined)("the page in Chromium", () => {
  let served: ServedDashboard;
  let api: TestApi;
  let origin: string;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  const inWindow: ServedDashboard["inWindow"] = (act, options) => served.inWindow(act, options);

  beforeAll(async () => {
    served = await serveDashboard(built.directory, binary!);
    ({ api, origin } = served);
    data = await seedDashboard(api);
    await moveAll(0);
  });
  afterAll(() => served?.close());

  /** Moves all trucks by `degrees` along their headings. */
  async function moveAll(degrees: number): Promise<void> {
    for (const [index, fix] of FIXES.entries()) {
      const along = fix.speed === 0 ? 0 : degrees;
      const lat = fix.lat + along * Math.cos((fix.heading * Math.PI) / 180);
      const lon = fix.lon + along * 1.5 * Math.sin((fix.heading * Math.PI) / 180);
      await moveTruck(api.db.pool, data.trucks[index]!, { ...fix, lat, lon });
    }
    // The stream collects the changes of 100 ms into one event.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }

  it("signs in, shows all data, follows a change without a reload, and signs out", async () => {
    await inWindow(async (page) => {
      await signIn(page);
      await expect.poll(() => page.locator(".rows li").count()).toBe(data.shipments.length);
      await expect.poll(() => page.locator(".stock li").count()).toBe(10);
      await expect.poll(() => page.locator(".stock").innerText()).toContain("4 at or below the reorder point");

      const chip = page.getByRole("button", { name: /^Delivery/ });
      await expect.poll(() => chip.innerText()).toContain("0");
      const put = await data.call(`PUT /shipments/${data.shipments[0]}`, { status: "delivered" });
      expect(put.status).toBe(200);
      await page.locator(".rows li.flash-odd", { hasText: "Delivered" }).waitFor();
      await expect.poll(() => chip.innerText()).toContain("1");

      await page.getByRole("tab", { name: /Vehicles/ }).click();
      await moveTruck(api.db.pool, data.trucks[2]!, { lat: 48.31, lon: 11.12, speed: 15, heading: 90 });
      await page.getByRole("row", { name: /Truck 3.*54 km\/h E/ }).waitFor();

      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });
  });

  it("shows a shipment's events with rule and confidence, and keeps the selection in the address", async () => {
    await served.signedIn(async (page) => {
      await page.locator(".rows .row", { hasText: "Truck 2" }).first().click();
      await page.getByText("Loaded").waitFor();
      await expect.poll(() => page.locator(".timeline").innerText()).toMatch(/said so[^]*certain, 100 % sure/);
      expect(page.url()).toContain(`shipment=${data.shipments[1]}`);
      await page.reload();
      await page.locator(".timeline li").first().waitFor();
    });
  });

  it("loads everything again when the stream cannot resume", async () => {
    await served.signedIn(async (page) => {
      const { pool } = api.db;
      await pool.query("UPDATE shipments SET product_name = 'Valve block V2' WHERE id = $1", [data.shipments[4]]);
      const cut = await pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listener'",
      );
      expect(cut.rowCount).toBe(1);
      await page.getByText("Valve block V2").waitFor();
      await page.locator(".connection-status.live").waitFor();
    });
  });

  it("signs in with a one-time link, and removes its token from the address", async () => {
    const { rows } = await api.db.pool.query<{ id: number }>("SELECT id FROM users WHERE email = $1", [EMAIL]);
    const link = await createSignInLink(api.db.pool, rows[0]!.id, origin);
    await inWindow(async (page) => {
      await page.goto(link);
      await page.locator(".connection-status.live").waitFor();
      expect(page.url()).toBe(`${origin}/#/`);
    });
  });

  it("draws the map: land, sites and trucks in the colours of the theme", async () => {
    await served.signedIn(async (page) => {
      const colours = (canvas: number) => async () => (await page.evaluate<number[][]>(COLOURS))[canvas];
      // land; the production mark of Ingolstadt; below, a moving truck
      await expect.poll(colours(0)).toEqual(expect.arrayContaining([0xf7f7f3, 0x6d46c4]));
      await expect.poll(colours(1)).toEqual(expect.arrayContaining([0x0d7350]));
    });
  });

  it("fits the width of a phone", async () => {
    await served.signedIn(
      async (page) => {
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        expect(wide).toBeLessThanOrEqual(390);
      },
      { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" },
    );
  });

  it.runIf(process.env.UPDATE_PICTURE === "1")("takes the screenshot of the README", async () => {
    await inWindow(async (page) => {
      await signIn(page);
      for (let step = 1; step <= 10; step++) await moveAll(step * 0.012);
      await page.waitForTimeout(600);
      await page.screenshot({ path: "docs/dashboard.png" });
    });
  });
});

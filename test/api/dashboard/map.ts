import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { moveTruck } from "./seed-dashboard.ts";
import { DRIVE, type SeededDashboard } from "./seed-history.ts";

/** Not a limit of what is tested: a busy machine takes longer for the same. */
const PATIENTLY = { timeout: 15_000 };
const TRACK_COLOUR = 0xc2187a;
/** The ring around the chosen vehicle. */
const RING_COLOUR = 0x0b5cad;

interface Drawn {
  /** pixels of the colour */
  count: number;
  /** the middle of their box, as a share of the canvas; 0.5 is its middle */
  x: number;
  y: number;
  /** the box, as a share of the canvas */
  width: number;
  height: number;
}

/** Finds a colour on one of the two canvases of the map. */
function find(page: Page, canvas: 0 | 1, colour: number): Promise<Drawn> {
  return page.evaluate<Drawn>(`(() => {
    const canvas = document.querySelectorAll(".map canvas")[${canvas}];
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let [count, west, east, north, south] = [0, Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] < 255 || data[at] * 65536 + data[at + 1] * 256 + data[at + 2] !== ${colour}) continue;
      const [x, y] = [(at / 4) % canvas.width, Math.floor(at / 4 / canvas.width)];
      count += 1;
      [west, east, north, south] = [Math.min(west, x), Math.max(east, x), Math.min(north, y), Math.max(south, y)];
    }
    return { count, x: (west + east) / 2 / canvas.width, y: (north + south) / 2 / canvas.height,
      width: (east - west) / canvas.width, height: (south - north) / canvas.height };
  })()`);
}

/** Following a vehicle, drawing a track, and the legend. */
export function testMap(dashboard: () => SeededDashboard): void {
  const move = (index: number, lat: number, lon: number) =>
    moveTruck(dashboard().served.api.db.pool, dashboard().data.trucks[index]!, { lat, lon, speed: 20, heading: 90 });
  let speed = 10;
  /** Moves truck 6, and waits until the page knows: its card shows the speed of the new fix. */
  const drive = async (page: Page, lat: number, lon: number) => {
    speed += 1;
    await moveTruck(dashboard().served.api.db.pool, dashboard().data.trucks[5]!, { lat, lon, speed, heading: 90 });
    await page
      .locator(".vehicle-card")
      .getByText(`${Math.round(speed * 3.6)} km/h`)
      .waitFor();
  };
  const expectInTheMiddle = (page: Page) =>
    expect
      .poll(async () => {
        const { count, x, y } = await find(page, 1, RING_COLOUR);
        return count > 20 && Math.hypot(x - 0.5, y - 0.5) < 0.01;
      }, PATIENTLY)
      .toBe(true);
  const followed = (page: Page) => page.getByText("The map follows it");

  it("centres on a vehicle that is chosen and follows it, until a person drags the map, and again when asked", async () => {
    await dashboard().served.signedIn(async (page) => {
      await page.getByRole("tab", { name: "Vehicles" }).click();
      await page.getByRole("button", { name: "Truck 6", exact: true }).click();
      await followed(page).waitFor();
      await expectInTheMiddle(page);
      await drive(page, 47.2, 10.1);
      await expectInTheMiddle(page);
      // Zooming goes on following.
      await page.getByRole("button", { name: "Zoom in" }).click();
      await drive(page, 47.3, 10.2);
      await expectInTheMiddle(page);

      const box = (await page.locator(".map").boundingBox())!;
      const [x, y] = [box.x + box.width / 2, box.y + box.height * 0.8];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 60, y - 40, { steps: 4 });
      await page.mouse.up();
      await page.getByText("The map does not follow it").waitFor();
      const isAway = async () => {
        const { count, x, y } = await find(page, 1, RING_COLOUR);
        return count > 20 && Math.hypot(x - 0.5, y - 0.5) > 0.05;
      };
      await expect.poll(isAway, PATIENTLY).toBe(true);
      await drive(page, 47.31, 10.21);
      await page.getByRole("button", { name: "Follow again" }).click();
      await followed(page).waitFor();
      await expectInTheMiddle(page);
      await drive(page, 47.4, 10.4);
      await expectInTheMiddle(page);
      await page.reload();
      await followed(page).waitFor();
      await expectInTheMiddle(page);
    });
  });

  it("draws the track of a shipment that is chosen, as it grows, and brings it into view", async () => {
    await dashboard().served.signedIn(async (page) => {
      expect((await find(page, 0, TRACK_COLOUR)).count).toBe(0);
      await page.locator(`[data-opens="shipment:${dashboard().seeded.shipmentId}"]`).click();
      const isFitted = async () => {
        const { count, width, height, x, y } = await find(page, 0, TRACK_COLOUR);
        return count > 100 && Math.max(width, height) > 0.4 && Math.hypot(x - 0.5, y - 0.5) < 0.05;
      };
      await expect.poll(isFitted, PATIENTLY).toBe(true);
      const before = await find(page, 0, TRACK_COLOUR);
      const end = DRIVE.at(-1)!;
      await move(3, end.lat + 0.1, end.lon + 0.12);
      await expect
        .poll(async () => (await find(page, 0, TRACK_COLOUR)).width, PATIENTLY)
        .toBeGreaterThan(before.width * 1.05);

      const box = (await page.locator(".map").boundingBox())!;
      await page.mouse.move(box.x + 200, box.y + 300);
      await page.mouse.wheel(0, 900);
      await expect
        .poll(async () => (await find(page, 0, TRACK_COLOUR)).height, PATIENTLY)
        .toBeLessThan(before.height / 2);
      await page.getByRole("button", { name: "Show its track on the map" }).click();
      await expect.poll(isFitted, PATIENTLY).toBe(true);
      await page.keyboard.press("Escape");
      await expect.poll(async () => (await find(page, 0, TRACK_COLOUR)).count, PATIENTLY).toBe(0);

      await page.locator(`[data-opens="shipment:${dashboard().data.shipments[2]}"]`).click();
      await page.getByText("No track: no vehicle with a tracker has carried it.").waitFor();
    });
  });

  it("folds its legend where it would cover a third of the map", async () => {
    await dashboard().served.signedIn(async (page) => {
      const legend = page.locator("details.legend");
      await expect.poll(() => legend.getAttribute("open")).not.toBe(null);
      await page.setViewportSize({ width: 390, height: 844 });
      await expect.poll(() => legend.getAttribute("open")).toBe(null);
      const [map, folded] = [await page.locator(".map").boundingBox(), await legend.boundingBox()];
      expect(folded!.height).toBeLessThan(map!.height / 8);
      await legend.getByText("Legend").click();
      await legend.getByText("Silent for 2 min").waitFor();
    });
  });
}

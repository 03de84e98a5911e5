import { afterAll, beforeAll, describe, vi } from "vitest";
import { requires } from "../../support/requires.ts";
import { testDevices } from "../../api/dashboard/devices.ts";
import { testHandling } from "../../api/dashboard/handling.ts";
import { testMap } from "../../api/dashboard/map.ts";
import { testNavigation } from "../../api/dashboard/navigation.ts";
import { openSeededDashboard, type SeededDashboard } from "../../api/dashboard/seed-history.ts";
import { testSearch } from "../../api/dashboard/search.ts";
import { testStockAndOrders } from "../../api/dashboard/stock-and-orders.ts";
import { testSystems } from "../../api/dashboard/systems.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");

// One file, because a build, a database and a browser for each part would take longer than the tests.
describe.skipIf(binary === undefined)("a person on the page", () => {
  let opened: SeededDashboard;
  beforeAll(async () => {
    opened = await openSeededDashboard(binary!);
  });
  afterAll(() => opened?.served.close());

  testNavigation(() => opened);
  testMap(() => opened);
  testStockAndOrders(() => opened);
  testSystems(() => opened);
  testSearch(() => opened);
  testDevices(() => opened);
  testHandling(() => opened);
});

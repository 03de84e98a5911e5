import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { pidOf, restarted } from "../support/platform-process.ts";

const ORDERS = 50;
const UNITS = 10;

let platform: TestPlatform;
beforeAll(async () => {
  // The API comes back on this port.
  platform = await startPlatform({ environment: { HTTP_PORT: String(await freePort("127.0.0.1")) } });
}, 90_000);
afterAll(() => platform?.close());

interface Order {
  status: string;
  lines: { reserved: number }[];
}
interface Position {
  quantity: number;
  reserved: number;
  available: number;
}

test.runIf(process.platform === "linux")(
  "50 parallel orders for the last 10 units: exactly 10 are reserved, also when the API is killed in the middle",
  { timeout: 240_000 },
  async () => {
    const made = async (path: string, body: object) => (await platform.call<{ id: number }>("POST", path, body)).id;
    const [item, place] = [
      await made("/items", { sku: "LAST", name: "Last pieces" }),
      await made("/locations", { name: "Shelf", stage: "storage" }),
    ];
    const shelf = await made("/inventory-items", { item_id: item, location_id: place, quantity: UNITS });
    const orders: number[] = [];
    for (let at = 0; at < ORDERS; at += 1) {
      const lines = [{ item_id: item, quantity: 1 }];
      orders.push(await made("/orders", { kind: "customer", ship_from_id: place, lines }));
      await platform.call("PUT", `/orders/${orders.at(-1)}`, { status: "approved" });
    }
    const position = () => platform.call<Position>("GET", `/inventory-items/${shelf}`);
    const pid = await pidOf(platform, "api");
    let answers = 0;
    // An order whose answer was lost is asked for again, as a client does.
    const reserve = async (id: number): Promise<void> => {
      for (;;) {
        const answer = await fetch(`${platform.api}/orders/${id}/reserve`, {
          method: "POST",
          headers: { authorization: platform.authorization, "content-type": "application/json" },
          body: "{}",
        }).catch(() => undefined);
        if (answer !== undefined && answer.status < 500) {
          expect([200, 409]).toContain(answer.status);
          answers += 1;
          if (answers === 3) process.kill(pid, "SIGKILL");
          return;
        }
        await restarted(platform, "api", pid);
      }
    };
    await Promise.all(orders.map(reserve));
    await restarted(platform, "api", pid);
    expect(await position()).toMatchObject({ quantity: UNITS, reserved: UNITS, available: 0 });
    const held = await Promise.all(orders.map((id) => platform.call<Order>("GET", `/orders/${id}`)));
    expect(held.filter(({ lines }) => lines[0]!.reserved === 1)).toHaveLength(UNITS);
    expect(held.every(({ lines }) => lines[0]!.reserved <= 1)).toBe(true);
    await platform.call("POST", `/orders/${orders[0]}/cancel`, {});
    await platform.call("POST", `/orders/${orders[0]}/reserve`, {}, 409);
  },
);

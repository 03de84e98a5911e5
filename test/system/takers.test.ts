import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { pidOf, restarted } from "../support/platform-process.ts";

const TAKERS = 50;
const PIECES = 10;

let platform: TestPlatform;
beforeAll(async () => {
  // The API comes back on this port.
  platform = await startPlatform({ environment: { HTTP_PORT: String(await freePort("127.0.0.1")) } });
}, 90_000);
afterAll(() => platform?.close());

test.runIf(process.platform === "linux")(
  "of 50 who take one of the last 10 pieces at once, 10 get one, though the API is killed in the middle",
  { timeout: 120_000 },
  async () => {
    const { id: item } = await platform.call<{ id: number }>("POST", "/items", { sku: "last", name: "Last pieces" });
    const { id: place } = await platform.call<{ id: number }>("POST", "/locations", { name: "Shelf" });
    const at = { item_id: item, location_id: place };
    const { id: stock } = await platform.call<{ id: number }>("POST", "/inventory-items", { ...at, quantity: PIECES });
    const pid = await pidOf(platform, "api");
    let answered = 0;
    /** Asks until there is an answer: the same request, by the same key. */
    async function take(taker: number): Promise<number> {
      for (;;) {
        const status = await fetch(`${platform.api}/movements`, {
          method: "POST",
          headers: {
            authorization: platform.authorization,
            "content-type": "application/json",
            "idempotency-key": `taker ${taker}`,
          },
          body: JSON.stringify({ inventory_item_id: stock, quantity: -1, reason: "sold" }),
        }).then(
          (response) => response.status,
          () => undefined,
        );
        if (status === 201 || status === 409) {
          answered += 1;
          // In the middle: some have their answer, and others are on their way.
          if (answered === 3) process.kill(pid, "SIGKILL");
          return status;
        }
        await sleep(50);
      }
    }
    const statuses = await Promise.all(Array.from({ length: TAKERS }, (_, taker) => take(taker)));
    await restarted(platform, "api", pid);
    expect(statuses.filter((status) => status === 201)).toHaveLength(PIECES);
    expect(await platform.call("GET", `/inventory-items/${stock}`)).toMatchObject({ quantity: 0, available: 0 });
    const movements = await platform.call<{ quantity: number }[]>("GET", `/movements?inventory_item_id=${stock}`);
    expect(movements.map(({ quantity }) => quantity)).toEqual([PIECES, ...Array.from({ length: PIECES }, () => -1)]);
    expect(platform.log.join("\n")).toMatch(/"child":"api".*"signal":"SIGKILL"/);
  },
);

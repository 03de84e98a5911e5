import { expect } from "vitest";
import { alertTest as test } from "../alert-shop.ts";

const TIMES = 8;

test("a level that goes to and fro around its threshold opens one alert", async ({ api, shop }) => {
  const { set, judged, alerts, rule, alertsOf, subject } = shop;
  const low = await rule("low_stock", { hold_seconds: 0 });
  const own = () => alertsOf(`rule_id=${low}&subject=${subject}`);
  await set(20);
  await judged();
  // Its reorder point is 10: 11 is above it, and no end of the shortage.
  for (let time = 0; time < TIMES; time += 1) {
    await set(10);
    await judged();
    await set(11);
    await judged();
  }
  expect(await own()).toMatchObject([{ state: "open", times: 1 }]);
  // Empty and not empty: each time it ends, and what is back within a minute is the same alert. Nobody is told of it again.
  for (let time = 0; time < TIMES; time += 1) {
    await set(0);
    await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "open" }]);
    await set(1);
    await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "resolved" }]);
  }
  expect(await alerts("out_of_stock")).toMatchObject([{ times: TIMES }]);
  const told = `SELECT count(*)::int AS n FROM outbox o JOIN alerts a ON a.id = o.alert_id
    WHERE a.subject = $1 AND a.type = 'out_of_stock' AND o.event = 'alert.opened'`;
  expect((await api.db.pool.query<{ n: number }>(told, [subject])).rows).toEqual([{ n: 1 }]);
  // Goods that last end the shortage.
  await set(20);
  await expect.poll(own).toMatchObject([{ state: "resolved", times: 1 }]);
});

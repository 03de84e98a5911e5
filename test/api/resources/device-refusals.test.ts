import { expect, test } from "vitest";
import { startApi } from "../support.ts";

test("a device's warnings tell what brokers refused it in the last week, for what, and how often", async () => {
  const api = await startApi();
  const manager = await api.as("manager");
  await manager("POST /devices", { id: "restless", kind: "gps" });
  const insert =
    "INSERT INTO device_warnings (device_id, kind, detail, first_at, last_at, times) VALUES ('restless', $1, $2, now(), $3, $4)";
  const now = new Date();
  await api.db.pool.query(insert, ["flapping", "connected too often", now, 12]);
  await api.db.pool.query(insert, ["forbidden_publish", "devices/other/gps", new Date(now.getTime() - 60_000), 1]);
  await api.db.pool.query(insert, ["forbidden_subscribe", "#", new Date(now.getTime() - 8 * 86_400_000), 3]);
  const { warnings } = (await manager("GET /devices/restless/quality")).body;
  expect(warnings).toEqual([
    expect.stringMatching(/^it connects too often and was refused \(12 times, last at .{20}\): does it restart/),
    expect.stringMatching(
      /^it may not publish to devices\/other\/gps \(once, last at .{20}\): its connection was closed$/,
    ),
  ]);
  await api.close();
});

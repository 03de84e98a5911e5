import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

test("of several status reports in one message those that cannot be are set aside one by one, and the good one counts", async ({
  rig,
  world,
  manager,
  n,
}) => {
  const id = `probe-${n}`;
  await world.device(id, "env");
  const ts = Date.now() - 60_000;
  const inSeconds = Math.floor(ts / 1000);
  await rig.publish(`devices/${id}/status`, [
    { state: "online", ts: inSeconds },
    { state: "offline", ts: inSeconds + 60 },
    { state: "online", ts },
  ]);
  await rig.settled();
  const { body } = await manager(`GET /quarantine?device_id=${id}`);
  expect(body).toMatchObject([{ reason: "implausible_time" }, { reason: "implausible_time" }]);
  expect((await manager(`GET /devices/${id}`)).body).toMatchObject({ latest: { status: { state: "online" } } });
});

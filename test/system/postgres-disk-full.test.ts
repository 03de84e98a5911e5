import { chmod, chown, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { OWNER } from "../../infra/postgres/embedded/cluster.ts";
import { withPool } from "../../infra/postgres/with-pool.ts";
import { startFaultRig } from "../support/fault-rig.ts";
import { quiet } from "../support/ingest.ts";
import type { DayMessage } from "../support/sample-day.ts";
import { postmasterPid } from "../support/embedded.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { smallDiskTest } from "../support/small-disk.ts";
import { worldIn } from "../support/world.ts";

const T = Date.parse("2026-03-01T06:00:00Z");

/** The filled tables lie on a disk of their own: the server's log of writes needs room to answer at all. */
const smallTablespaceTest = smallDiskTest().extend("rig", async ({ disk: { folder } }, { onCleanup }) => {
  const rig = await startFaultRig();
  onCleanup(() => rig.close());
  const cluster = join(dirname(rig.dataDirectory), "postgres", "cluster");
  const { uid, gid } = await stat(cluster);
  await chmod(folder, 0o755);
  await chown(folder, uid, gid);
  const superuser = new URL(rig.pool.options.connectionString!);
  superuser.username = OWNER;
  superuser.password = (await readFile(join(cluster, "waystock-password"), "utf8")).trim();
  await withPool(superuser.href, quiet, async (pool) => {
    await pool.query(`CREATE TABLESPACE small LOCATION '${folder}'`);
    await pool.query("GRANT CREATE ON TABLESPACE small TO PUBLIC");
  });
  await rig.pool.query("ALTER TABLE items SET TABLESPACE small");
  await rig.pool.query("SET default_tablespace = small; SELECT ensure_reading_partitions(ARRAY['2026-03-01'::date])");
  return rig;
});

const smallPlatformTest = smallDiskTest(400)
  .extend("dataDirectory", async ({ disk: { folder } }) => {
    await chmod(folder, 0o755);
    return join(folder, "data");
  })
  .extend("platform", async ({ dataDirectory }, { onCleanup }) => {
    const platform = await startPlatform({ dataDirectory });
    onCleanup(() => platform.stop());
    return platform;
  });

async function readinessOf({ api }: Pick<TestPlatform, "api">) {
  const response = await fetch(`${api}/readyz`);
  return { status: response.status, ...((await response.json()) as { parts: Record<string, { detail?: string }> }) };
}

describe("a full disk of Postgres", () => {
  smallTablespaceTest(
    "is named as such in the log, in /readyz and in answers; devices keep their PUBACKs, and nothing is lost",
    async ({ disk, rig }) => {
      const readiness = () => readinessOf(rig.platform());
      await worldIn(rig.pool).device("probe", "env");
      const messages = Array.from({ length: 400 }, (_, i): DayMessage => ({
        topic: "devices/probe/env",
        reading: { ts: T + i * 1000, celsius: i / 10 },
      }));
      const filler = join(disk.folder, "filler");
      const { bavail, bsize } = await statfs(disk.folder);
      await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
      expect((await statfs(disk.folder)).bavail).toBe(0);

      await rig.publish(messages);
      expect(rig.acknowledged()).toBe(messages.length);
      await expect.poll(() => rig.log().join("\n"), { timeout: 15_000 }).toContain("the disk of Postgres is full");
      await expect
        .poll(readiness, { timeout: 15_000 })
        .toMatchObject({ parts: { ingest: { ok: false, detail: "the disk of Postgres is full" } } });

      const { api, authorization } = rig.platform();
      const createItem = async (n: number) => {
        const body = JSON.stringify({ sku: `FULL-${n}`, name: "n".repeat(200) });
        const headers = { authorization, "content-type": "application/json" };
        const response = await fetch(`${api}/items`, { method: "POST", headers, body });
        return `${response.status} ${await response.text()}`;
      };
      let answer = "";
      for (let n = 0; n < 200 && !answer.startsWith("503"); n += 1) answer = await createItem(n);
      expect(answer).toMatch(/^503 .*disk is full; nothing was changed/);
      expect(await readiness()).toMatchObject({
        status: 503,
        parts: { postgres: { ok: false, detail: "its disk is full" } },
      });

      await rm(filler);
      await rig.stored(messages.length, 15_000);
      await expect.poll(async () => (await readiness()).status, { timeout: 30_000 }).toBe(200);
    },
    200_000,
  );
});

smallPlatformTest(
  "an embedded Postgres that cannot start again for want of room is named as such in /readyz, and heals",
  async ({ disk, dataDirectory, platform }) => {
    const readiness = () => readinessOf(platform);
    await expect.poll(readiness).toMatchObject({ status: 200, parts: { postgres: { ok: true } } });
    const filler = join(disk.folder, "filler");
    const { bavail, bsize } = await statfs(disk.folder);
    await writeFile(filler, Buffer.alloc(bavail * bsize)).catch(() => undefined);
    process.kill(await postmasterPid(join(dataDirectory, "postgres")), "SIGKILL");
    await expect
      .poll(readiness, { timeout: 40_000, interval: 200 })
      .toMatchObject({ status: 503, parts: { postgres: { ok: false, detail: "its disk is full" } } });
    await rm(filler);
    await expect.poll(async () => (await readiness()).status, { timeout: 40_000 }).toBe(200);
  },
  120_000,
);

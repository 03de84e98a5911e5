import { appendFile, chmod, cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched, untilNoneLeft } from "../support/launched.ts";

const root = join(import.meta.dirname, "..", "..");
const sources = ["broker", "ingest", "api", "simulators", "infra", "package.json", "tsconfig.json"];

const linux = process.platform === "linux";
if (!linux) console.warn("skipped: the processes of npm run dev are looked up in /proc, which only Linux has");

describe.skipIf(!linux)("npm run dev", () => {
  let tree: string;
  let dev: Launched;
  beforeAll(async () => {
    // A copy of the sources, because the test changes one of them.
    tree = await mkdtemp(join(tmpdir(), "waystock-dev-"));
    // Enterable for the user of the embedded Postgres, which is not root.
    await chmod(tree, 0o711);
    for (const name of sources) await cp(join(root, name), join(tree, name), { recursive: true });
    await symlink(join(root, "node_modules"), join(tree, "node_modules"));
    const environment = {
      DATA_DIR: join(tree, "data"),
      MQTT_PORT: String(await freePort("127.0.0.1")),
      HTTP_PORT: "0",
      MQTT_WS_PORT: "",
    };
    const program = ["--import", "tsx", join("infra", "processes", "dev.ts")];
    dev = new Launched("dev", environment, [], { program, cwd: tree });
  });
  afterAll(async () => {
    if (!dev.hasEnded) dev.child.kill("SIGKILL");
    await untilNoneLeft(tree, 8_000);
    await rm(tree, { recursive: true, force: true });
  });

  test(
    "serves the page's sources, restarts what a saved file belongs to, and leaves nothing",
    { timeout: 300_000 },
    async () => {
      const [, page = ""] = await dev.says(/^dashboard: (http:\S+)/);
      const [, email, password] = await dev.says(/^sign in: (\S+) {2}password: (\S+)/);
      expect(await textOf(`${page}/`)).toContain("/@vite/client");
      expect(await textOf(`${page}/main.tsx`)).toContain("preact");
      const login = await fetch(`${page}/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password }),
      });
      expect(login.status).toBe(200);

      await appendFile(join(tree, "broker", "server.ts"), "\n// changed\n");
      await dev.says(/"child":"broker".*"msg":"restarted"/);
      expect(dev.output).toMatch(
        /"child":"broker","files":\[".*broker\/server\.ts"\],"msg":"source changed; restarting"/,
      );
      expect(dev.output).not.toMatch(/"child":"(ingest|api)"/);

      await appendFile(join(tree, "api", "app.ts"), "const = 1;\n");
      await dev.says(/"child":"api".*does not start; waiting for the next change/);
      await cp(join(root, "api", "app.ts"), join(tree, "api", "app.ts"));
      await dev.says(/"child":"api".*"msg":"restarted"/);
      expect((await fetch(`${page}/livez`)).status).toBe(200);

      dev.interruptGroup();
      expect((await dev.ends()).tookMs).toBeLessThan(10_000);
      expect(await untilNoneLeft(tree, 2_000)).toBeLessThan(2_000);
    },
  );
});

const textOf = (url: string) => fetch(url).then((response) => response.text());

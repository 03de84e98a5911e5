import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { documentWith, eventWith } from "../api/resources/epcis/epcis-test.ts";

const KILLS = process.env["LONG"] === "1" ? 50 : 5;
const EVENTS = 400;
/** Not a limit of what is tested: machines are busy. */
const WAIT = { timeout: 120_000, interval: 200 };

let platform: TestPlatform;
beforeAll(async () => {
  // The API comes back on this port.
  platform = await startPlatform({ environment: { HTTP_PORT: String(await freePort()) } });
}, 90_000);
afterAll(() => platform?.close());

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function killApi(): Promise<void> {
  const children = await readFile(`/proc/${platform.process.pid}/task/${platform.process.pid}/children`, "utf8");
  for (const pid of children.trim().split(" ")) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (/processes.api\.[jt]s/.test(command)) process.kill(Number(pid), "SIGKILL");
  }
}

interface Job {
  running: boolean;
  success: boolean;
  added: number;
  known: number;
}

test(
  "the API is killed while it captures: each document that was accepted is captured once, all of it",
  async () => {
    const { client_id, client_secret } = await platform.call<{ client_id: string; client_secret: string }>(
      "POST",
      "/api-clients",
      { name: "Partner", role: "operator" },
    );
    const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
      const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
      const token = await fetch(`${platform.api}/oauth/token`, { method: "POST", body });
      const { access_token } = (await token.json()) as { access_token: string };
      const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
      return fetch(`${platform.api}${path}`, { ...init, headers });
    };
    const accepted: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      for (let sent = 0; sent < 3; sent += 1) {
        const document = documentWith(...Array.from({ length: EVENTS }, () => eventWith()));
        const answer = await ask("/epcis/capture", { method: "POST", body: JSON.stringify(document) });
        expect(answer.status).toBe(202);
        accepted.push(answer.headers.get("Location")!);
      }
      await killApi();
      await expect
        .poll(
          () =>
            ask("/epcis/capture").then(
              ({ status }) => status,
              () => 0,
            ),
          WAIT,
        )
        .toBe(200);
    }
    for (const location of accepted) {
      const job = async (): Promise<Job> => (await (await ask(location)).json()) as Job;
      await expect.poll(async () => (await job()).running, WAIT).toBe(false);
      expect(await job()).toMatchObject({ success: true, added: EVENTS, known: 0 });
    }
  },
  60_000 + KILLS * 60_000,
);

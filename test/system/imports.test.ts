import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { memoryOf, pidOf, restarted } from "../support/platform-process.ts";

const ROWS = process.env["LONG"] === "1" ? 1_000_000 : 50_000;
/** Each of these rows has a bad number. */
const BAD_EVERY = 10_000;
/** What the API may need beside what it has at rest, whatever the size of the file. */
const MAX_GROWTH_BYTES = 200 * 1024 * 1024;
/** Not a limit of what is tested: a row takes a millisecond or two, and machines are busy. */
const WAIT = { timeout: 120_000 + ROWS * 8, interval: 200 };

let platform: TestPlatform;
beforeAll(async () => {
  // The API comes back on this port.
  platform = await startPlatform({ environment: { HTTP_PORT: String(await freePort("127.0.0.1")) } });
}, 90_000);
afterAll(() => platform?.close());

/** An administrator's access token lasts 15 minutes, and a million rows may take longer. */
class Client {
  readonly #secret: { client_id: string; client_secret: string };
  #token = { text: "", until: 0 };

  constructor(secret: { client_id: string; client_secret: string }) {
    this.#secret = secret;
  }

  async authorization(): Promise<string> {
    if (performance.now() > this.#token.until) {
      const body = new URLSearchParams({ grant_type: "client_credentials", ...this.#secret });
      const answer = await fetch(`${platform.api}/oauth/token`, { method: "POST", body });
      const { access_token: text } = (await answer.json()) as { access_token: string };
      this.#token = { text, until: performance.now() + 10 * 60_000 };
    }
    return `Bearer ${this.#token.text}`;
  }

  async get(path: string): Promise<Report> {
    const answer = await fetch(`${platform.api}${path}`, { headers: { authorization: await this.authorization() } });
    return (await answer.json()) as Report;
  }

  /** Sends a table whose text is made while it is sent. */
  async send(path: string, lines: Iterable<string>, headers: Record<string, string> = {}): Promise<Report> {
    const answer = await fetch(`${platform.api}${path}`, {
      method: "POST",
      headers: { authorization: await this.authorization(), "content-type": "text/csv", ...headers },
      body: ReadableStream.from(encoded(lines)),
      duplex: "half",
    });
    expect(answer.status).toBe(202);
    return (await answer.json()) as Report;
  }
}

interface Report {
  id: number;
  state: string;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  read_bytes: number;
  size_bytes: number;
  errors: { line: number; column: string }[];
}

async function client(): Promise<Client> {
  const made = await platform.call<{ client_id: string; client_secret: string }>("POST", "/api-clients", {
    ...{ name: "Loader", role: "admin" },
  });
  return new Client({ client_id: made.client_id, client_secret: made.client_secret });
}

function* encoded(lines: Iterable<string>): Generator<Uint8Array> {
  let block = "";
  for (const line of lines) {
    block += line;
    if (block.length < 64 * 1024) continue;
    yield Buffer.from(block);
    block = "";
  }
  yield Buffer.from(block);
}

function* table(prefix: string, rows: number): Generator<string> {
  yield "sku;name;value_cents\r\n";
  for (let at = 1; at <= rows; at += 1)
    yield `${prefix}-${at};Schraube Größe ${at};${at % BAD_EVERY === 0 ? "viel" : at}\r\n`;
}

test.runIf(process.platform === "linux")(
  "a large file is imported in bounded memory, with progress; bad rows are told by line and column",
  { timeout: WAIT.timeout * 3 },
  async () => {
    const loader = await client();
    const pid = await pidOf(platform, "api");
    const atRest = await memoryOf(pid, "VmRSS");
    await writeFile(`/proc/${pid}/clear_refs`, "5");
    const { id } = await loader.send("/imports/items", table("L", ROWS));
    const seen = new Set<number>();
    const progress = async () => {
      const report = await loader.get(`/imports/${id}`);
      expect(report.read_bytes).toBeLessThanOrEqual(report.size_bytes);
      seen.add(report.rows);
      return report.state;
    };
    await expect.poll(progress, WAIT).toBe("done");
    const grownBy = (await memoryOf(pid, "VmHWM")) - atRest;
    console.info(`the API grew by ${Math.round(grownBy / 1024 / 1024)} MB while it read ${ROWS} rows`);
    expect(grownBy).toBeLessThan(MAX_GROWTH_BYTES);
    expect(seen.size).toBeGreaterThan(5);
    const bad = Math.floor(ROWS / BAD_EVERY);
    const report = await loader.get(`/imports/${id}`);
    expect(report).toMatchObject({ rows: ROWS, created: ROWS - bad, updated: 0, unchanged: 0, refused: bad });
    const lines = Array.from({ length: bad }, (_, at) => ({ line: (at + 1) * BAD_EVERY + 1, column: "value_cents" }));
    expect(report.errors).toMatchObject(lines);

    const again = await loader.send("/imports/items?dry_run=true", table("L", ROWS));
    await expect.poll(async () => (await loader.get(`/imports/${again.id}`)).state, WAIT).toBe("done");
    const second = await loader.get(`/imports/${again.id}`);
    expect(second).toMatchObject({ rows: ROWS, created: 0, updated: 0, unchanged: ROWS - bad, refused: bad });
  },
);

test.runIf(process.platform === "linux")(
  "an import whose process is killed is marked as interrupted, its counts are what was written, and it can be sent again",
  { timeout: WAIT.timeout * 2 },
  async () => {
    const rows = 20_000;
    const loader = await client();
    const key = { "idempotency-key": "killed" };
    const { id } = await loader.send("/imports/items", table("K", rows), key);
    await expect.poll(async () => (await loader.get(`/imports/${id}`)).rows, WAIT).toBeGreaterThan(1_000);
    const pid = await pidOf(platform, "api");
    process.kill(pid, "SIGKILL");
    await restarted(platform, "api", pid);
    const state = () =>
      loader.get(`/imports/${id}`).then(
        (report) => report.state,
        () => "away",
      );
    await expect.poll(state, WAIT).toBe("interrupted");
    const killed = await loader.get(`/imports/${id}`);
    expect(killed.rows).toBeLessThan(rows);
    expect((await loader.send("/imports/items", table("K", rows), key)).id).toBe(id);
    const { id: againId } = await loader.send("/imports/items", table("K", rows));
    await expect.poll(async () => (await loader.get(`/imports/${againId}`)).state, WAIT).toBe("done");
    const again = await loader.get(`/imports/${againId}`);
    const bad = rows / BAD_EVERY;
    expect(again).toMatchObject({ rows, refused: bad, unchanged: killed.created });
    expect(again.created + killed.created).toBe(rows - bad);
  },
);

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ADMIN = { email: "admin@test.example", password: "correct horse battery staple" };

/** The whole platform as `npm start` runs it, on free ports and a data directory of its own. */
export interface TestPlatform {
  dataDirectory: string;
  api: string;
  mqtt: string;
  process: ChildProcess;
  /** every line it has logged */
  log: string[];
  /** the header of an administrator's requests */
  authorization: string;
  /** calls the API as an administrator; fails on any status but 2xx unless `status` is given */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown, status?: number): Promise<T>;
  /** SIGTERM and wait; the data stays */
  stop(): Promise<void>;
  /** stop and remove the data */
  close(): Promise<void>;
}

export interface PlatformSettings {
  environment?: Record<string, string>;
  /** an earlier platform's data to start on */
  dataDirectory?: string;
}

export async function startPlatform({ environment = {}, dataDirectory }: PlatformSettings = {}): Promise<TestPlatform> {
  const directory = dataDirectory ?? (await mkdtemp(join(tmpdir(), "waystock-platform-")));
  const child = spawn(process.execPath, ["infra/launch.mjs", "all"], {
    stdio: ["ignore", "pipe", "inherit"],
    // A process group of its own: a test that kills must not hit the test runner.
    detached: true,
    env: {
      PATH: process.env.PATH,
      DATA_DIR: directory,
      MQTT_PORT: "0",
      MQTT_WS_PORT: "",
      HTTP_PORT: "0",
      LOG_PRETTY: "false",
      LOGIN_TRIES: "1000/15min",
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...environment,
    },
  });
  const log: string[] = [];
  const urls = await untilReady(child, log);
  const login = await fetch(`${urls.api}/auth/login`, json("POST", ADMIN));
  const { access_token: token } = (await login.json()) as { access_token: string };
  const platform: TestPlatform = {
    dataDirectory: directory,
    api: urls.api,
    mqtt: urls.mqtt,
    process: child,
    log,
    authorization: `Bearer ${token}`,
    async call<T>(method: string, path: string, body?: unknown, status?: number) {
      const response = await fetch(`${urls.api}${path}`, json(method, body, { authorization: `Bearer ${token}` }));
      const text = await response.text();
      const asExpected = status === undefined ? response.ok : response.status === status;
      if (!asExpected) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
    async close() {
      await platform.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return platform;
}

function json(method: string, body?: unknown, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

function untilReady(child: ChildProcess, log: string[]): Promise<{ api: string; mqtt: string }> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      log.push(line);
      const entry = parse(line);
      if (entry?.msg === "ready" && entry.api && entry.mqtt) resolve({ api: entry.api, mqtt: entry.mqtt });
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`the platform ended with ${signal ?? code} before it was ready:\n${log.slice(-20).join("\n")}`));
    });
  });
}

function parse(line: string): { msg?: string; api?: string; mqtt?: string } | undefined {
  try {
    return JSON.parse(line) as { msg?: string };
  } catch {
    return undefined;
  }
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentWith, publicUrl, readConfig } from "../../infra/config/config.ts";
import { ConfigurationError } from "../../infra/config/configuration-error.ts";
import { redactedEnvironment } from "../../infra/config/redacted.ts";
import { environmentTable } from "../../infra/config/environment-table.ts";

let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waystock-config-"));
  await writeFile(file("secret"), "from a file\n");
  await writeFile(file("certificate.pem"), "any");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The problems with an environment: hints by variable. */
function problemsOf(raw: Record<string, string>): Record<string, string> {
  try {
    readConfig(raw);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return Object.fromEntries(error.problems.map(({ name, hint }) => [name, hint]));
  }
  return {};
}

describe("defaults", () => {
  test("are the documented ones", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      DATABASE_URL: undefined,
      INFLUX_BUCKET: "waystock",
      INFLUX_API: "auto",
      RETENTION_RAW_DAYS: 30,
      DEVICE_RATE: { perSecond: 100, burst: 200 },
      API_RATE: { perSecond: 1000, burst: 1000 },
      LOGIN_TRIES: { count: 5, windowMs: 900_000 },
      CONNECTS_PER_MINUTE: 15,
      UPSTREAM_MQTT_TOPIC: ["$share/waystock/devices/#"],
      CORS_ORIGINS: [],
      LOG_LEVEL: "info",
    });
    expect(config.listeners).toEqual({
      mqtt: { host: "127.0.0.1", port: 1883, tls: false },
      mqtts: undefined,
      webSocket: { host: "127.0.0.1", port: 8083, tls: false },
      http: { host: "127.0.0.1", port: 8080, tls: false },
    });
    expect(config.JOURNAL_MAX_BYTES).toBeGreaterThan(0);
    expect(config.JOURNAL_MAX_BYTES).toBeLessThanOrEqual(8 * 2 ** 30);
  });

  test("with MQTT_ANONYMOUS=loopback the filter that the Paho suite expects to be denied is denied", () => {
    expect(readConfig({}).deniedSubscriptions).toEqual([]);
    expect(readConfig({ MQTT_ANONYMOUS: "loopback" }).deniedSubscriptions).toEqual(["test/nosubscribe"]);
  });

  test("an empty variable counts as not set, except an empty port, which turns its listener off", () => {
    const config = readConfig({ DATA_DIR: "", INFLUX_URL: "", MQTT_PORT: "", HTTP_PORT: "0" });
    expect(config.DATA_DIR).toBe("./data");
    expect(config.listeners.mqtt).toBeUndefined();
    expect(config.listeners.http?.port).toBe(0);
  });
});

describe("problems", () => {
  test("are reported all at once, each with a hint", () => {
    const problems = problemsOf({
      MQTT_PORT: "70000",
      DATABASE_URL: "mysql://somewhere",
      DEVICE_RATE: "fast",
      TLS_CERT: file("certificate.pem"),
      HTTP_HOST: "0.0.0.0",
      ADMIN_EMAIL: "nobody",
      JOURNAL_MAX_BYTES: "lots",
    });
    const names = [
      "ADMIN_EMAIL",
      "DATABASE_URL",
      "DEVICE_RATE",
      "HTTP_HOST",
      "JOURNAL_MAX_BYTES",
      "MQTT_PORT",
      "TLS_KEY",
    ];
    expect(Object.keys(problems).sort()).toEqual(names);
    expect(problems["MQTT_PORT"]).toMatch(/"70000".*1 to 65535/);
  });

  test.each([
    [{ MQTT_PORT: "18x" }, "MQTT_PORT"],
    [{ ALLOW_PLAINTEXT: "yes" }, "ALLOW_PLAINTEXT"],
    [{ LOGIN_TRIES: "0/15min" }, "LOGIN_TRIES"],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL"],
    [{ ACK_AFTER: "commit" }, "ACK_AFTER"],
    [{ GS1_COMPANY_PREFIX: "12a4" }, "GS1_COMPANY_PREFIX"],
    [{ INFLUX_TOKEN: "t" }, "INFLUX_TOKEN"],
    [{ ADMIN_EMAIL: "a@example.com" }, "ADMIN_PASSWORD"],
    [{ ADMIN_EMAIL: "a@example.com", ADMIN_PASSWORD: "seven 7" }, "ADMIN_PASSWORD"],
    [{ ADMIN_EMAIL: "a@example.com", ADMIN_PASSWORD: "password1" }, "ADMIN_PASSWORD"],
    [{ ADMIN_EMAIL: "a@example.com", ADMIN_PASSWORD: "x".repeat(257) }, "ADMIN_PASSWORD"],
    [{ TRUSTED_PROXIES: "10.0.0.0/33" }, "TRUSTED_PROXIES"],
    [{ TRUSTED_PROXIES: "proxy.example" }, "TRUSTED_PROXIES"],
    [{ DATA_KEY_FILE: "/does/not/exist" }, "DATA_KEY_FILE"],
    [{ INFLUX_PASSWORD_FILE: "/does/not/exist" }, "INFLUX_PASSWORD_FILE"],
  ])("%o is refused", (raw, name) => {
    expect(Object.keys(problemsOf(raw as unknown as Record<string, string>))).toContain(name);
  });

  test("a variable without an implementation is named, not ignored silently", () => {
    const raw = {
      DATABASE_READ_URL: "postgres://replica.example/waystock",
      OTEL_EXPORTER_OTLP_ENDPOINT_FILE: "/run/secrets/traces",
      MCP: "",
      ACK_AFTER: "journal",
    };
    expect(readConfig(raw).ignoredVariables).toEqual(["DATABASE_READ_URL", "OTEL_EXPORTER_OTLP_ENDPOINT_FILE"]);
    expect(readConfig({}).ignoredVariables).toEqual([]);
  });

  test("never show a secret", () => {
    const problems = problemsOf({ DATABASE_URL: "hunter2" });
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("plaintext", () => {
  const tls = () => ({ TLS_CERT: file("certificate.pem"), TLS_KEY: file("certificate.pem") });

  test("beyond loopback is refused", () => {
    expect(problemsOf({ HOST: "0.0.0.0" })["HOST"]).toMatch(/ALLOW_PLAINTEXT=true/);
    expect(problemsOf({ MQTT_HOST: "192.0.2.1" })["MQTT_HOST"]).toBeDefined();
    expect(problemsOf({ HOST: "127.8.0.1" })).toEqual({});
    expect(problemsOf({ HOST: "::1" })).toEqual({});
  });

  test("is allowed for a listener that is off", () => {
    expect(problemsOf({ HOST: "0.0.0.0", MQTT_PORT: "", MQTT_WS_PORT: "", HTTP_PORT: "" })).toEqual({});
  });

  test("is allowed with ALLOW_PLAINTEXT=true", () => {
    const { listeners } = readConfig({ HOST: "0.0.0.0", ALLOW_PLAINTEXT: "true" });
    expect(listeners.mqtt?.host).toBe("0.0.0.0");
  });

  test("stays on loopback beside TLS", () => {
    const { listeners } = readConfig({ HOST: "0.0.0.0", ...tls() });
    expect(listeners.mqtt).toEqual({ host: "127.0.0.1", port: 1883, tls: false });
    expect(listeners.mqtts).toEqual({ host: "0.0.0.0", port: 8883, tls: true });
    expect(listeners.http).toEqual({ host: "0.0.0.0", port: 8080, tls: true });
    expect(problemsOf({ ...tls(), MQTT_HOST: "0.0.0.0" })["MQTT_HOST"]).toBeDefined();
  });
});

describe("secrets", () => {
  test("are read from files", () => {
    expect(readConfig({ INFLUX_URL: "http://localhost", INFLUX_TOKEN_FILE: file("secret") }).INFLUX_TOKEN).toBe(
      "from a file",
    );
    const both = { INFLUX_URL: "http://localhost", INFLUX_TOKEN: "a", INFLUX_TOKEN_FILE: file("secret") };
    expect(problemsOf(both)["INFLUX_TOKEN"]).toMatch(/not both/);
  });

  test("are masked when the configuration is printed", () => {
    const config = readConfig({
      DATABASE_URL: "postgres://someone:hunter2@db.example.com/waystock?sslpassword=hunter3",
      INFLUX_URL: "http://localhost",
      INFLUX_TOKEN: "hunter4",
    });
    const shown = redactedEnvironment(config);
    expect(shown).not.toContain("hunter");
    expect(shown).toMatch(/DATABASE_URL +postgres:\/\/someone:\*\*\*@db\.example\.com/);
    expect(shown).toMatch(/DEVICE_RATE +100\/s,200/);
  });
});

test("the public URL is derived from host and port, unless PUBLIC_URL is set", () => {
  expect(publicUrl(readConfig({}), 8080)).toBe("http://127.0.0.1:8080");
  expect(publicUrl(readConfig({ HOST: "0.0.0.0", ALLOW_PLAINTEXT: "true" }), 80)).toBe("http://localhost:80");
  expect(publicUrl(readConfig({ HOST: "::1" }), 80)).toBe("http://[::1]:80");
  expect(publicUrl(readConfig({ PUBLIC_URL: "https://stock.example.com/" }), 80)).toBe("https://stock.example.com");
});

test("environmentWith changes and removes variables", () => {
  const environment = environmentWith({ PATH: undefined, DATABASE_URL: "postgres://x" });
  expect(environment).not.toHaveProperty("PATH");
  expect(environment["DATABASE_URL"]).toBe("postgres://x");
});

// `npm run config -- --markdown` prints the table to put between the marks.
test.each(["README.md"])("the table in %s is generated from the variables", async (document) => {
  const text = await readFile(join(import.meta.dirname, "..", "..", document), "utf8");
  const shown = /<!-- environment -->\n([\s\S]*?)\n<!-- \/environment -->/.exec(text)?.[1];
  expect(environmentTable()).toContain("| `DATA_DIR` | `./data` |");
  if (document.startsWith("docs/") || shown !== undefined) expect(shown?.trim()).toBe(environmentTable());
});

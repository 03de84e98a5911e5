import { InfluxDB, setLogger } from "@influxdata/influxdb-client";

/**
 * A connection to any InfluxDB from 1.6 to 3 Core by the surface they share: line protocol in, InfluxQL out (Flux is
 * gone from 3, `/api/v2/write` starts at 1.8). The client library is used as transport only: its own retry buffer
 * resolves a flush after dropping lines.
 */
export interface InfluxSettings {
  url: string;
  api: "auto" | "v1" | "v2";
  token?: string | undefined;
  org?: string | undefined;
  /** the bucket, or 1.x database */
  bucket: string;
  username?: string | undefined;
  password?: string | undefined;
}

/** A refusal or failure, in the server's words. `status` is undefined when there was no answer. */
export class InfluxError extends Error {
  readonly status: number | undefined;
  constructor(status: number | undefined, message: string) {
    super(message);
    this.status = status;
  }
}

/** One series of an InfluxQL answer; times in epoch milliseconds. */
export interface InfluxSeries {
  tags?: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

export interface InfluxConnection {
  /** the server's own version, e.g. `1.6.7~rc0` */
  readonly version: string;
  /** @throws InfluxError */
  write(lines: readonly string[]): Promise<void>;
  /** @throws InfluxError */
  query(influxQl: string): Promise<InfluxSeries[]>;
  /** @throws InfluxError when the server does not answer */
  ping(): Promise<void>;
}

const WRITE_TIMEOUT_MS = 30_000;
/** People wait for answers to queries. */
const QUERY_TIMEOUT_MS = 8_000;
const silent = () => undefined;
// The library writes to the console by default; whoever holds the cursor reports.
setLogger({ warn: silent, error: silent });

/**
 * Connects, tells the version and makes sure the database exists where the server lets us.
 * @throws InfluxError when the server is away or refuses us
 */
export async function connectInflux(settings: InfluxSettings): Promise<InfluxConnection> {
  const url = settings.url.replace(/\/$/, "");
  const headers = { authorization: authorization(settings) };
  const version = await serverVersion(url, headers);
  const useV1 = settings.api === "v1" || (settings.api === "auto" && /^v?(0\.|1\.[0-7]\b|1\.[0-7]\.)/.test(version));
  const database = encodeURIComponent(settings.bucket);
  const influx = new InfluxDB({
    url,
    timeout: WRITE_TIMEOUT_MS,
    headers: headers.authorization === undefined ? {} : { authorization: headers.authorization },
  });
  if (useV1) await ask(`${url}/query`, headers, `q=${encodeURIComponent(`CREATE DATABASE "${settings.bucket}"`)}`);
  const connection: InfluxConnection = {
    version,
    async write(lines) {
      const writer = influx.getWriteApi(settings.org ?? "", settings.bucket, "ns", {
        batchSize: lines.length + 1,
        flushInterval: 0,
        maxRetries: 0,
        // On one machine or one network compression only costs.
        gzipThreshold: Number.MAX_SAFE_INTEGER,
        writeFailed: silent,
      });
      if (useV1) Object.assign(writer, { path: `/write?db=${database}&precision=n` });
      try {
        writer.writeRecords(lines as string[]);
        await writer.flush();
      } catch (error) {
        throw influxError(error);
      } finally {
        // Closing sends nothing more: everything was flushed or has failed.
        await writer.close().catch(silent);
      }
    },
    query: async (influxQl) =>
      readAnswer(await ask(`${url}/query?db=${database}&epoch=ms`, headers, `q=${encodeURIComponent(influxQl)}`)),
    ping: async () => void (await serverVersion(url, headers)),
  };
  return connection;
}

type Headers = { authorization: string | undefined };

/** 1.x takes Basic only; a token serves all others (2.x, 3 Core; by their documentation, not run). */
function authorization({ token, username, password }: InfluxSettings): string | undefined {
  if (token !== undefined) return `Token ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

async function serverVersion(url: string, headers: Headers): Promise<string> {
  const response = await call(`${url}/ping`, headers);
  await response.body?.cancel();
  return response.headers.get("x-influxdb-version") ?? "unknown";
}

async function ask(url: string, headers: Headers, form: string): Promise<unknown> {
  const response = await call(url, headers, form);
  const text = await response.text();
  if (!response.ok) throw new InfluxError(response.status, errorIn(text) ?? response.statusText);
  return JSON.parse(text) as unknown;
}

async function call(url: string, { authorization: header }: Headers, form?: string): Promise<Response> {
  const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
  const headers = {
    ...(header !== undefined && { authorization: header }),
    ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
  };
  const request = form === undefined ? { headers, signal } : { method: "POST", headers, signal, body: form };
  try {
    return await fetch(url, request);
  } catch (error) {
    throw influxError(error);
  }
}

function errorIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && "error" in body ? String(body.error) : undefined;
  } catch {
    return undefined;
  }
}

function influxError(error: unknown): InfluxError {
  if (error instanceof InfluxError) return error;
  const { statusCode, message, cause } = error as { statusCode?: number; message?: string; cause?: Error };
  return new InfluxError(statusCode, [message, cause?.message].filter(Boolean).join(": ") || String(error));
}

interface Answer {
  results?: { error?: string; series?: InfluxSeries[] }[];
}

/** An error may hide in an answer of status 200; a measurement that does not exist yet is no error. */
function readAnswer(answer: unknown): InfluxSeries[] {
  const { results = [] } = answer as Answer;
  for (const { error } of results) if (error !== undefined) throw new InfluxError(200, error);
  return results.flatMap(({ series }) => series ?? []);
}

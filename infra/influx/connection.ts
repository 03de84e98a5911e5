import { InfluxDB, setLogger } from "@influxdata/influxdb-client";

/**
 * Settings of a connection to InfluxDB, 1.6 to 3 Core. It uses what all versions share: line protocol for writes, InfluxQL
 * for queries (3 has no Flux, `/api/v2/write` starts at 1.8). The client library serves as transport only, because the
 * flush of its own retry buffer resolves even after it has dropped lines.
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

/** A failed request, with the message of the server. `status` is the HTTP status, undefined without a response. */
export class InfluxError extends Error {
  readonly status: number | undefined;
  constructor(status: number | undefined, message: string) {
    super(message);
    this.status = status;
  }
}

/** One series of an InfluxQL response; times in epoch milliseconds. */
export interface InfluxSeries {
  tags?: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

export interface InfluxConnection {
  /** the version of the server, e.g. `1.6.7~rc0` */
  readonly version: string;
  /** @throws InfluxError */
  write(lines: readonly string[]): Promise<void>;
  /** @throws InfluxError */
  query(influxQl: string): Promise<InfluxSeries[]>;
  /** @throws InfluxError when the server does not answer */
  ping(): Promise<void>;
}

const WRITE_TIMEOUT_MS = 30_000;
/** Shorter, because people wait for queries. */
const QUERY_TIMEOUT_MS = 8_000;
const silent = () => undefined;
// By default the library writes to the console. The owner of the cursor logs errors.
setLogger({ warn: silent, error: silent });

/**
 * Connects, reads the version and creates the database of a server that has databases (0.x, 1.x).
 * @throws InfluxError when the server does not answer or denies the request
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
  const createDatabase = (name: string) =>
    request(`${url}/query`, headers, `q=${encodeURIComponent(`CREATE DATABASE "${name}"`)}`);
  if (useV1) await createDatabase(settings.bucket);
  // The v2 API of 1.8 takes `database` or `database/policy` for a bucket, and makes none.
  else if (/^v?1\./.test(version))
    await createDatabase(settings.bucket.split("/")[0]!).catch((error: unknown) => {
      // Whoever may only write finds the one that an administrator has made; else each write says that it is missing.
      if (!(error instanceof InfluxError && error.status === 403)) throw error;
    });
  const connection: InfluxConnection = {
    version,
    async write(lines) {
      const writer = influx.getWriteApi(settings.org ?? "", settings.bucket, "ns", {
        batchSize: lines.length + 1,
        flushInterval: 0,
        maxRetries: 0,
        // Within one machine or network, compression costs more than it saves.
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
        // Nothing is left to send: the flush has succeeded or failed.
        await writer.close().catch(silent);
      }
    },
    query: async (influxQl) =>
      parseQueryResponse(
        await request(`${url}/query?db=${database}&epoch=ms`, headers, `q=${encodeURIComponent(influxQl)}`),
      ),
    ping: async () => void (await serverVersion(url, headers)),
  };
  return connection;
}

type Headers = { authorization: string | undefined };

/** 1.x accepts Basic only; 2.x and 3 Core accept a token (by their documentation, not run). */
function authorization({ token, username, password }: InfluxSettings): string | undefined {
  if (token !== undefined) return `Token ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

async function serverVersion(url: string, headers: Headers): Promise<string> {
  const { response } = await send(`${url}/ping`, headers);
  return response.headers.get("x-influxdb-version") ?? "unknown";
}

async function request(url: string, headers: Headers, form: string): Promise<unknown> {
  const { response, text } = await send(url, headers, form);
  if (!response.ok) throw new InfluxError(response.status, errorIn(text) ?? response.statusText);
  return JSON.parse(text) as unknown;
}

/**
 * Sends a request and reads the whole answer. The time limit holds for both: a server may fall silent in the middle. It is
 * given to `fetch` with the URL, not in a Request: a copied one forgets its signal (nodejs/undici#4068).
 */
async function send(
  url: string,
  { authorization: header }: Headers,
  form?: string,
): Promise<{ response: Response; text: string }> {
  const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
  const headers = {
    ...(header !== undefined && { authorization: header }),
    ...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
  };
  const init = form === undefined ? { headers, signal } : { method: "POST", headers, signal, body: form };
  try {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
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

interface QueryResponse {
  results?: { error?: string; series?: InfluxSeries[] }[];
}

/** A response with status 200 may contain an error. A measurement that does not exist yet is no error. */
function parseQueryResponse(body: unknown): InfluxSeries[] {
  const { results = [] } = body as QueryResponse;
  for (const { error } of results) if (error !== undefined) throw new InfluxError(200, error);
  return results.flatMap(({ series }) => series ?? []);
}

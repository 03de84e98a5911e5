import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Acceptance } from "./accept.ts";
import type { Admission } from "../auth/admission.ts";
import type { AuditLog } from "../auth/audit-log.ts";
import { mayPublish, type Principal } from "../auth/authorize.ts";
import { KINDS } from "../contract/readings.ts";
import { DEVICE_ID } from "../contract/topics.ts";
import { respondWithError, HttpError } from "./http-error.ts";
import { type Credentials, ingestTarget, readCredentials, readBody } from "./http-request.ts";
import { type AttemptLimit, type CreateAttemptCounter, LoginThrottle } from "../auth/login-throttle.ts";
import type { Peer } from "../transport/peer.ts";
import { type Provisioning, provisionRequest } from "../auth/provisioning.ts";
import type { CredentialCache } from "../auth/credential-cache.ts";
import type { CreateTokenBucket, Rate, TokenBucket } from "./rate.ts";
import { isPostgresText } from "../postgres/text.ts";

const MAX_PAUSE_MS = 5000;

export interface HttpIngestDependencies {
  admission: Admission;
  acceptance: Acceptance;
  credentials: CredentialCache;
  provisioning: Provisioning;
  audit: AuditLog;
  /** the name of a client in the audit, by what it claims to be */
  nameForAudit: (...claims: (string | undefined)[]) => string;
  maskSecrets: (text: string) => string;
  log: Logger;
  createTokenBucket: CreateTokenBucket;
  createAttemptCounter: CreateAttemptCounter;
  settings: { maxPayloadBytes: number; loginAttempts: AttemptLimit };
}

/**
 * HTTP for devices and device clouds that do not speak MQTT, with the same credentials and the same journal: status 200
 * promises what PUBACK promises. `GET|POST /ingest/{decoder}?id=…` takes a message, `POST /provision` a new device. Apps
 * that can send no header use `/ingest/{decoder}/{deviceId}/{secret}`; what they call themselves in the query is then
 * of no account.
 */
export class HttpIngest {
  readonly #deps: HttpIngestDependencies;
  readonly #meters = new LRUCache<string, TokenBucket>({ max: 50_000 });
  readonly #failedKeys: LoginThrottle;

  constructor(deps: HttpIngestDependencies) {
    this.#deps = deps;
    this.#failedKeys = new LoginThrottle(deps.settings.loginAttempts, deps.createAttemptCounter);
  }

  handle(request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    this.#serve(request, response, peer).catch((cause: unknown) => {
      if (response.headersSent || request.socket.destroyed) return;
      if (cause instanceof HttpError) {
        const detail = this.#deps.maskSecrets(cause.message);
        respondWithError(response, new HttpError(cause.status, detail, cause.headers, cause.faults));
        return;
      }
      const requestId = respondWithError(response, new HttpError(503, "not stored: try again", { "Retry-After": "5" }));
      this.#deps.log.error({ err: cause, requestId }, "broker: an HTTP request of a device failed");
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void> {
    const { pathname, searchParams, search } = parseUrl(request);
    const target = ingestTarget(pathname);
    if (target) {
      const { decoder, credentials = readCredentials(request) } = target;
      if (request.method !== "GET" && request.method !== "POST") throw methodNotAllowed("GET, POST");
      const { senderId, topic } = await this.#authorize(credentials, decoder, searchParams, peer);
      // Only now: anyone can send a body, and hold it back half-sent.
      const body = await readBody(request, this.#deps.settings.maxPayloadBytes);
      const payload = body.length > 0 ? body : Buffer.from(withoutSecrets(search.slice(1)));
      await this.#deps.acceptance.acceptWithoutSession(senderId, topic, payload);
      // OwnTracks expects a JSON array of messages for the device.
      const answer = decoder === "owntracks" ? "[]" : "";
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length }).end(answer);
    } else if (pathname === "/provision") {
      if (request.method !== "POST") throw methodNotAllowed("POST");
      const result = await this.#provision(request, peer);
      const headers = { "Content-Type": "application/json", "Cache-Control": "no-store" };
      response.writeHead(201, headers).end(JSON.stringify(result));
    } else
      throw new HttpError(
        404,
        "expected /ingest/{decoder}, /ingest/{decoder}/{deviceId}/{secret}, /provision or, for MQTT over WebSocket, /mqtt",
      );
  }

  /** Decides, by the request line and the headers alone, who sends this and to which topic it goes. */
  async #authorize(
    { userName, password, deviceId }: Credentials,
    decoder: string,
    query: URLSearchParams,
    peer: Peer,
  ): Promise<{ senderId: string; topic: string }> {
    const id = deviceId ?? query.get("id") ?? userName ?? peer.certificateName ?? "";
    if (!DEVICE_ID.test(id)) throw new HttpError(400, "id: expected a device's id");
    // As for MQTT: no device has such a name, and a query with it would fail in Postgres.
    if (userName !== undefined && !isPostgresText(userName))
      throw unauthorized("user name: control characters are not allowed");
    const identity = await this.#deps.admission.authenticate(
      { clientId: userName ?? id, userName: password && (userName ?? id), password, peer },
      performance.now(),
    );
    if (!identity.ok) {
      const { returnCode, reason, retryAfterMs } = identity;
      const { audit, nameForAudit } = this.#deps;
      const actor = nameForAudit(peer.certificateName ?? userName ?? id);
      const subject = id === userName ? nameForAudit(id) : id;
      audit.recordDenied({ actor, action: "http.ingest", subject, reason });
      if (retryAfterMs !== undefined) throw tooMany(reason, retryAfterMs);
      if (returnCode === 3) throw new HttpError(503, reason, { "Retry-After": "5" });
      const hasNoCredentials = password === undefined && peer.certificateName === undefined;
      if (returnCode === 4 || hasNoCredentials) throw unauthorized(reason);
      throw new HttpError(403, reason);
    }
    const { principal, rate } = identity;
    const topic = this.#uplinkTopic(id, decoder, query);
    if (principal.type === "anonymous" || !mayPublish(principal, topic)) throw this.#forbidden(principal, id, topic);
    const device = this.#deps.credentials.device(id);
    if (!device) throw new HttpError(404, `there is no device ${id}`);
    if (decoder !== "native" && decoder !== device.decoder) {
      throw new HttpError(409, `the decoder of ${id} is ${device.decoder}`);
    }
    await this.#limitRate(principal.id, rate);
    return { senderId: principal.id, topic };
  }

  /** A native reading needs its kind in the query. The decoder of a vendor's bytes determines the kind itself. */
  #uplinkTopic(id: string, decoder: string, query: URLSearchParams): string {
    if (decoder !== "native") return `devices/${id}/raw`;
    const kind = query.get("kind");
    if (!KINDS.some((known) => known === kind)) throw new HttpError(400, `kind: expected one of ${KINDS.join(", ")}`);
    return `devices/${id}/${kind}`;
  }

  #forbidden(principal: Principal, id: string, topic: string): HttpError {
    const reason = `${principal.id} may not publish to ${topic}`;
    this.#deps.audit.recordDenied({ actor: principal.id, action: "http.ingest", subject: id, reason });
    return new HttpError(403, reason);
  }

  /** Delays a request that exceeds its rate, as MQTT does. @throws HttpError 429 where the delay would be too long */
  async #limitRate(id: string, rate: Rate | undefined): Promise<void> {
    if (!rate) return;
    const meter = this.#meters.get(id) ?? this.#deps.createTokenBucket(rate, performance.now());
    this.#meters.set(id, meter);
    const pauseMs = meter.take(1, performance.now());
    if (pauseMs > MAX_PAUSE_MS) {
      throw tooMany("the rate limit is exceeded", pauseMs);
    }
    if (pauseMs > 0) await delay(pauseMs);
  }

  async #provision(request: IncomingMessage, peer: Peer): Promise<object> {
    const now = performance.now();
    const blockedForMs = this.#failedKeys.blockedForMs(peer, "provision", now);
    if (blockedForMs > 0) throw tooMany("too many wrong profile keys", blockedForMs);
    const body = await readBody(request, 16 * 1024);
    if (!isUtf8(body)) throw new HttpError(400, "the body is not UTF-8");
    let value: unknown;
    try {
      value = JSON.parse(body.toString("utf8"));
    } catch (cause) {
      throw new HttpError(400, `expected JSON: ${(cause as Error).message}`);
    }
    const parsed = provisionRequest.safeParse(value);
    if (!parsed.success) {
      const { issues } = parsed.error;
      throw new HttpError(
        400,
        issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
        {},
        issues.flatMap((issue) =>
          (issue.code === "unrecognized_keys" ? issue.keys : [issue.path[0]]).map((field) => ({
            pointer: field === undefined ? "" : `/${String(field)}`,
            message: issue.message,
          })),
        ),
      );
    }
    const result = await this.#deps.provisioning.provisionByKey(parsed.data);
    if (result.ok) return { id: result.id, secret: result.secret, state: result.state };
    if (result.reason === "unknown-key") {
      this.#failedKeys.recordFailure(peer, "provision", now);
      const { id } = parsed.data;
      this.#deps.audit.recordDenied({
        actor: id,
        action: "device.provision",
        subject: id,
        reason: "unknown profile key",
      });
      throw new HttpError(401, "unknown profile key");
    }
    if (result.reason === "exists") throw new HttpError(409, `there is already a device ${parsed.data.id}`);
    throw new HttpError(
      403,
      result.reason === "quota" ? "the profile's quota is used up" : "the profile is for another kind",
    );
  }
}

const unauthorized = (reason: string): HttpError =>
  new HttpError(401, reason, { "WWW-Authenticate": 'Basic realm="waystock"' });

const tooMany = (reason: string, waitMs: number): HttpError =>
  new HttpError(429, reason, { "Retry-After": String(Math.ceil(waitMs / 1000)) });

/** @throws HttpError 400 where the request target is not a valid URL */
function parseUrl({ url = "/" }: IncomingMessage): URL {
  try {
    return new URL(url, "http://device");
  } catch (cause) {
    throw new HttpError(400, `invalid URL: ${(cause as Error).message}`);
  }
}

/** A query string as a message of its device: parameters that may hold a secret go neither to the journal nor to quarantine. */
function withoutSecrets(query: string): string {
  return query
    .split("&")
    .filter((part) => !/^[^=]*(?:pass|secret|token|key)[^=]*=/i.test(part))
    .join("&");
}

const methodNotAllowed = (allow: string): HttpError => new HttpError(405, `expected ${allow}`, { Allow: allow });

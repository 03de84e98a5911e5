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
import { readCredentials, readBody } from "./http-request.ts";
import { LoginThrottle, type AttemptLimit } from "../auth/login-throttle.ts";
import type { Peer } from "../transport/peer.ts";
import { Meter } from "./rate-limiter.ts";
import { type Provisioning, provisionRequest } from "../auth/provisioning.ts";
import type { CredentialCache } from "../auth/credential-cache.ts";
import type { Rate } from "./rate.ts";
import { isPostgresText } from "../postgres-text.ts";

const LONGEST_PAUSE_MS = 5000;

export interface HttpIngestDependencies {
  admission: Admission;
  acceptance: Acceptance;
  registry: CredentialCache;
  provisioning: Provisioning;
  audit: AuditLog;
  log: Logger;
  settings: { maxPayloadBytes: number; loginAttempts: AttemptLimit };
}

/**
 * HTTP for devices and device clouds that speak no MQTT: the same credentials, the same journal, and 200 means what
 * PUBACK means. `GET|POST /ingest/{decoder}?id=…`, and `POST /provision` for those that are new.
 */
export class HttpIngest {
  readonly #parts: HttpIngestDependencies;
  readonly #meters = new LRUCache<string, Meter>({ max: 50_000 });
  readonly #failedKeys: LoginThrottle;

  constructor(parts: HttpIngestDependencies) {
    this.#parts = parts;
    this.#failedKeys = new LoginThrottle(parts.settings.loginAttempts);
  }

  handle(request: IncomingMessage, response: ServerResponse, peer: Peer): void {
    this.#serve(request, response, peer).catch((cause: unknown) => {
      if (response.headersSent || request.socket.destroyed) return;
      if (cause instanceof HttpError) return respondWithError(response, cause);
      this.#parts.log.error({ err: cause }, "broker: a device's request failed");
      respondWithError(response, new HttpError(503, "not stored: try again", { "Retry-After": "5" }));
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, peer: Peer): Promise<void> {
    const { pathname, searchParams, search } = urlOf(request);
    const decoder = /^\/ingest\/([a-z0-9-]{1,64})$/.exec(pathname)?.[1];
    if (decoder !== undefined) {
      if (request.method !== "GET" && request.method !== "POST") throw wrongMethod("GET, POST");
      const body = await readBody(request, this.#parts.settings.maxPayloadBytes);
      await this.#ingest(request, decoder, searchParams, body.length > 0 ? body : Buffer.from(search.slice(1)), peer);
      // OwnTracks reads the answer as a list of messages for it.
      const answer = decoder === "owntracks" ? "[]" : "";
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length }).end(answer);
    } else if (pathname === "/provision") {
      if (request.method !== "POST") throw wrongMethod("POST");
      const made = await this.#provision(await readBody(request, 16 * 1024), peer);
      response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify(made));
    } else throw new HttpError(404, "there is /ingest/{decoder}, /provision and, for MQTT over WebSocket, /mqtt");
  }

  async #ingest(
    request: IncomingMessage,
    decoder: string,
    query: URLSearchParams,
    payload: Buffer,
    peer: Peer,
  ): Promise<void> {
    const { userName, password } = readCredentials(request);
    const id = query.get("id") ?? userName ?? peer.certificateName ?? "";
    if (!DEVICE_ID.test(id)) throw new HttpError(400, "id: expected a device's id");
    // As the guard has it for MQTT: nobody has such a name, and Postgres could not even be asked for it.
    if (userName !== undefined && !isPostgresText(userName)) throw unknown("user name: not clean text");
    const identity = await this.#parts.admission.authenticate(
      { clientId: userName ?? id, userName: password && (userName ?? id), password, peer },
      Date.now(),
    );
    if (!identity.ok) {
      const { returnCode, reason } = identity;
      this.#parts.audit.recordDenied({ actor: userName ?? id, action: "http.ingest", subject: id, reason });
      if (returnCode === 3) throw new HttpError(503, reason, { "Retry-After": "5" });
      const nobody = password === undefined && peer.certificateName === undefined;
      if (returnCode === 4 || nobody) throw unknown(reason);
      throw new HttpError(403, reason);
    }
    const { principal, rate } = identity;
    const topic = this.#topicOf(id, decoder, query);
    if (principal.type === "anonymous" || !mayPublish(principal, topic)) throw this.#forbidden(principal, id, topic);
    const device = this.#parts.registry.device(id);
    if (!device) throw new HttpError(404, `there is no device ${id}`);
    if (decoder !== "native" && decoder !== device.decoder) {
      throw new HttpError(409, `the decoder of ${id} is ${device.decoder}`);
    }
    await this.#pace(principal.id, rate);
    await this.#parts.acceptance.acceptWithoutSession(principal.id, topic, payload);
  }

  /** Readings in our own form are of one kind, which a decoder of a vendor's bytes finds out by itself. */
  #topicOf(id: string, decoder: string, query: URLSearchParams): string {
    if (decoder !== "native") return `devices/${id}/raw`;
    const kind = query.get("kind");
    if (!KINDS.some((known) => known === kind)) throw new HttpError(400, `kind: expected one of ${KINDS.join(", ")}`);
    return `devices/${id}/${kind}`;
  }

  #forbidden(principal: Principal, id: string, topic: string): HttpError {
    const reason = `${principal.id} may not publish to ${topic}`;
    this.#parts.audit.recordDenied({ actor: principal.id, action: "http.ingest", subject: id, reason });
    return new HttpError(403, reason);
  }

  /** A rate is kept by waiting, as on MQTT; who sends far more than that is told when to come back. */
  async #pace(id: string, rate: Rate | undefined): Promise<void> {
    if (!rate) return;
    const meter = this.#meters.get(id) ?? new Meter(rate, Date.now());
    this.#meters.set(id, meter);
    const pauseMs = meter.take(1, Date.now());
    if (pauseMs > LONGEST_PAUSE_MS) {
      throw new HttpError(429, "faster than its rate", { "Retry-After": String(Math.ceil(pauseMs / 1000)) });
    }
    if (pauseMs > 0) await delay(pauseMs);
  }

  async #provision(body: Buffer, { address }: Peer): Promise<object> {
    const now = Date.now();
    if (!this.#failedKeys.isAllowed(address, "provision", now)) throw new HttpError(429, "too many wrong profile keys");
    let value: unknown;
    try {
      value = JSON.parse(body.toString("utf8"));
    } catch (cause) {
      throw new HttpError(400, `expected JSON: ${(cause as Error).message}`);
    }
    const parsed = provisionRequest.safeParse(value);
    if (!parsed.success) {
      throw new HttpError(
        400,
        parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
      );
    }
    const made = await this.#parts.provisioning.provisionByKey(parsed.data);
    if (made.ok) return { id: made.id, secret: made.secret, state: made.state };
    if (made.why === "unknown-key") {
      this.#failedKeys.count(address, "provision", now);
      const { id } = parsed.data;
      this.#parts.audit.recordDenied({
        actor: id,
        action: "device.provision",
        subject: id,
        reason: "unknown profile key",
      });
      throw new HttpError(401, "unknown profile key");
    }
    if (made.why === "exists") throw new HttpError(409, `there is already a device ${parsed.data.id}`);
    throw new HttpError(
      403,
      made.why === "quota" ? "the profile's quota is used up" : "the profile is for another kind",
    );
  }
}

const unknown = (reason: string): HttpError =>
  new HttpError(401, reason, { "WWW-Authenticate": 'Basic realm="waystock"' });

/** @throws Refusal where a request names nothing that is an address */
function urlOf({ url = "/" }: IncomingMessage): URL {
  try {
    return new URL(url, "http://device");
  } catch (cause) {
    throw new HttpError(400, `not an address: ${(cause as Error).message}`);
  }
}

const wrongMethod = (allow: string): HttpError => new HttpError(405, `expected ${allow}`, { Allow: allow });

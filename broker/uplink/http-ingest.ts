import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Acceptance } from "./accept.ts";
import type { Admission } from "../auth/admission.ts";
import type { Audit } from "../auth/audit-log.ts";
import { mayPublish, type Principal } from "../auth/authorize.ts";
import { KINDS } from "../contract/readings.ts";
import { DEVICE_ID } from "../contract/topics.ts";
import { answerRefusal, credentialsOf, readBody, Refusal } from "./http-exchange.ts";
import { FailedLogins, type Tries } from "../auth/login-throttle.ts";
import type { Origin } from "../transport/transport.ts";
import { Meter } from "./rate-limiter.ts";
import { type Provisioning, provisionRequest } from "../auth/provisioning.ts";
import type { Registry } from "../auth/credential-cache.ts";
import type { Rate } from "../settings.ts";
import { isStorable } from "../auth/storable-text.ts";

const LONGEST_PAUSE_MS = 5000;

export interface DeviceRequestParts {
  admission: Admission;
  acceptance: Acceptance;
  registry: Registry;
  provisioning: Provisioning;
  audit: Audit;
  log: Logger;
  settings: { maxPayloadBytes: number; loginTries: Tries };
}

/**
 * HTTP for devices and device clouds that speak no MQTT: the same credentials, the same journal, and 200 means what
 * PUBACK means. `GET|POST /ingest/{decoder}?id=…`, and `POST /provision` for those that are new.
 */
export class DeviceRequests {
  readonly #parts: DeviceRequestParts;
  readonly #meters = new LRUCache<string, Meter>({ max: 50_000 });
  readonly #failedKeys: FailedLogins;

  constructor(parts: DeviceRequestParts) {
    this.#parts = parts;
    this.#failedKeys = new FailedLogins(parts.settings.loginTries);
  }

  handle(request: IncomingMessage, response: ServerResponse, origin: Origin): void {
    this.#serve(request, response, origin).catch((cause: unknown) => {
      if (response.headersSent || request.socket.destroyed) return;
      if (cause instanceof Refusal) return answerRefusal(response, cause);
      this.#parts.log.error({ err: cause }, "broker: a device's request failed");
      answerRefusal(response, new Refusal(503, "not stored: try again", { "Retry-After": "5" }));
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse, origin: Origin): Promise<void> {
    const { pathname, searchParams, search } = urlOf(request);
    const decoder = /^\/ingest\/([a-z0-9-]{1,64})$/.exec(pathname)?.[1];
    if (decoder !== undefined) {
      if (request.method !== "GET" && request.method !== "POST") throw wrongMethod("GET, POST");
      const body = await readBody(request, this.#parts.settings.maxPayloadBytes);
      await this.#ingest(request, decoder, searchParams, body.length > 0 ? body : Buffer.from(search.slice(1)), origin);
      // OwnTracks reads the answer as a list of messages for it.
      const answer = decoder === "owntracks" ? "[]" : "";
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length }).end(answer);
    } else if (pathname === "/provision") {
      if (request.method !== "POST") throw wrongMethod("POST");
      const made = await this.#provision(await readBody(request, 16 * 1024), origin);
      response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify(made));
    } else throw new Refusal(404, "there is /ingest/{decoder}, /provision and, for MQTT over WebSocket, /mqtt");
  }

  async #ingest(
    request: IncomingMessage,
    decoder: string,
    query: URLSearchParams,
    payload: Buffer,
    origin: Origin,
  ): Promise<void> {
    const { userName, password } = credentialsOf(request);
    const id = query.get("id") ?? userName ?? origin.certificateName ?? "";
    if (!DEVICE_ID.test(id)) throw new Refusal(400, "id: expected a device's id");
    // As the guard has it for MQTT: nobody has such a name, and Postgres could not even be asked for it.
    if (userName !== undefined && !isStorable(userName)) throw unknown("user name: not clean text");
    const identity = await this.#parts.admission.login(
      { clientId: userName ?? id, userName: password && (userName ?? id), password, origin },
      Date.now(),
    );
    if (!identity.known) {
      const { returnCode, reason } = identity;
      this.#parts.audit.refused({ actor: userName ?? id, action: "http.ingest", subject: id, reason });
      if (returnCode === 3) throw new Refusal(503, reason, { "Retry-After": "5" });
      const nobody = password === undefined && origin.certificateName === undefined;
      if (returnCode === 4 || nobody) throw unknown(reason);
      throw new Refusal(403, reason);
    }
    const { principal, rate } = identity;
    const topic = this.#topicOf(id, decoder, query);
    if (principal.type === "anonymous" || !mayPublish(principal, topic)) throw this.#forbidden(principal, id, topic);
    const device = this.#parts.registry.device(id);
    if (!device) throw new Refusal(404, `there is no device ${id}`);
    if (decoder !== "native" && decoder !== device.decoder) {
      throw new Refusal(409, `the decoder of ${id} is ${device.decoder}`);
    }
    await this.#pace(principal.id, rate);
    await this.#parts.acceptance.store(principal.id, topic, payload);
  }

  /** Readings in our own form are of one kind, which a decoder of a vendor's bytes finds out by itself. */
  #topicOf(id: string, decoder: string, query: URLSearchParams): string {
    if (decoder !== "native") return `devices/${id}/raw`;
    const kind = query.get("kind");
    if (!KINDS.some((known) => known === kind)) throw new Refusal(400, `kind: expected one of ${KINDS.join(", ")}`);
    return `devices/${id}/${kind}`;
  }

  #forbidden(principal: Principal, id: string, topic: string): Refusal {
    const reason = `${principal.id} may not publish to ${topic}`;
    this.#parts.audit.refused({ actor: principal.id, action: "http.ingest", subject: id, reason });
    return new Refusal(403, reason);
  }

  /** A rate is kept by waiting, as on MQTT; who sends far more than that is told when to come back. */
  async #pace(id: string, rate: Rate | undefined): Promise<void> {
    if (!rate) return;
    const meter = this.#meters.get(id) ?? new Meter(rate, Date.now());
    this.#meters.set(id, meter);
    const pauseMs = meter.take(1, Date.now());
    if (pauseMs > LONGEST_PAUSE_MS) {
      throw new Refusal(429, "faster than its rate", { "Retry-After": String(Math.ceil(pauseMs / 1000)) });
    }
    if (pauseMs > 0) await delay(pauseMs);
  }

  async #provision(body: Buffer, { address }: Origin): Promise<object> {
    const now = Date.now();
    if (!this.#failedKeys.mayTry(address, "provision", now)) throw new Refusal(429, "too many wrong profile keys");
    let value: unknown;
    try {
      value = JSON.parse(body.toString("utf8"));
    } catch (cause) {
      throw new Refusal(400, `expected JSON: ${(cause as Error).message}`);
    }
    const parsed = provisionRequest.safeParse(value);
    if (!parsed.success) {
      throw new Refusal(
        400,
        parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
      );
    }
    const made = await this.#parts.provisioning.byKey(parsed.data);
    if (made.ok) return { id: made.id, secret: made.secret, state: made.state };
    if (made.why === "unknown-key") {
      this.#failedKeys.count(address, "provision", now);
      const { id } = parsed.data;
      this.#parts.audit.refused({ actor: id, action: "device.provision", subject: id, reason: "unknown profile key" });
      throw new Refusal(401, "unknown profile key");
    }
    if (made.why === "exists") throw new Refusal(409, `there is already a device ${parsed.data.id}`);
    throw new Refusal(403, made.why === "quota" ? "the profile's quota is used up" : "the profile is for another kind");
  }
}

const unknown = (reason: string): Refusal => new Refusal(401, reason, { "WWW-Authenticate": 'Basic realm="waystock"' });

/** @throws Refusal where a request names nothing that is an address */
function urlOf({ url = "/" }: IncomingMessage): URL {
  try {
    return new URL(url, "http://device");
  } catch (cause) {
    throw new Refusal(400, `not an address: ${(cause as Error).message}`);
  }
}

const wrongMethod = (allow: string): Refusal => new Refusal(405, `expected ${allow}`, { Allow: allow });

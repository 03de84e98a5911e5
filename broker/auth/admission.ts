import { type ConnectCredentials, authenticate, type AuthResult, refuse, sha256Hex } from "./authenticate.ts";
import { mayPublish } from "./authorize.ts";
import type { DeviceWarnings } from "./device-warnings.ts";
import type { DeviceTokens } from "./device-tokens.ts";
import { type CreateAttemptCounter, LoginThrottle } from "./login-throttle.ts";
import { ConnectRateLimiter } from "./connect-rate-limit.ts";
import type { Provisioning } from "./provisioning.ts";
import type { CredentialCache } from "./credential-cache.ts";
import type { BrokerSettings } from "../settings.ts";

const FLAPPING = "connected too often within a minute: refused for five minutes";

/** 256 random bits in base64url (RFC 4648 section 5). */
const looksLikeSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** Decides who may connect: valid credentials, few failed logins before, a moderate connect rate, a permitted will. */
export class Admission {
  readonly #credentials: CredentialCache;
  readonly #tokens: DeviceTokens;
  readonly #provisioning: Provisioning;
  readonly #settings: BrokerSettings;
  readonly #loginThrottle: LoginThrottle;
  readonly #connectLimit: ConnectRateLimiter;
  readonly #warnings: DeviceWarnings;

  constructor(
    credentials: CredentialCache,
    tokens: DeviceTokens,
    provisioning: Provisioning,
    settings: BrokerSettings,
    createAttemptCounter: CreateAttemptCounter,
    warnings: DeviceWarnings,
  ) {
    this.#credentials = credentials;
    this.#tokens = tokens;
    this.#provisioning = provisioning;
    this.#settings = settings;
    this.#warnings = warnings;
    this.#loginThrottle = new LoginThrottle(settings.loginAttempts, createAttemptCounter);
    this.#connectLimit = new ConnectRateLimiter(settings.connectsPerMinute);
  }

  /**
   * The client id to use for a connection. ThingsBoard firmware connects under any client id, with its access token as
   * user name: it gets the id of its device.
   */
  async resolveClientId(clientId: string, userName: string | undefined): Promise<string> {
    if (!userName || this.#credentials.device(userName)) return clientId;
    const sha256 = sha256Hex(userName);
    const device = this.#credentials.deviceByAccessToken(sha256);
    if (device) return device.id;
    if (!looksLikeSecret(userName) || !(await this.#credentials.reloadByAccessToken(sha256))) return clientId;
    return this.#credentials.deviceByAccessToken(sha256)?.id ?? clientId;
  }

  /** Authenticates a CONNECT, then checks its will and its connect rate. */
  async authorizeConnect(
    credentials: ConnectCredentials,
    willTopic: string | undefined,
    nowMs: number,
  ): Promise<AuthResult> {
    const result = await this.authenticate(credentials, nowMs);
    if (!result.ok) return result;
    // The will is published later in the client's name [MQTT-3.1.2-8], so its topic is checked now.
    if (willTopic !== undefined && !mayPublish(result.principal, willTopic)) {
      this.#warnings.record(result.principal, credentials.clientId, "forbidden_publish", willTopic);
      return refuse(5, `may not leave a will on ${willTopic}`);
    }
    // Anonymous clients are local tools and tests: their connect rate is not limited.
    if (result.principal.type === "anonymous") return result;
    const { clientId } = credentials;
    const rate = this.#connectLimit.tryConnect(clientId, nowMs);
    if (rate === "accepted") return result;
    this.#warnings.record(result.principal, clientId, "flapping", FLAPPING);
    // Firmware goes on trying after "unavailable". After "not authorized" it may give up for good.
    return { ...refuse(3, FLAPPING), isRepeated: rate === "still blocked" };
  }

  /** Checks the credentials of a CONNECT or an HTTP request, unless too many logins have failed before. */
  async authenticate(credentials: ConnectCredentials, nowMs: number): Promise<AuthResult> {
    const { clientId, userName, peer } = credentials;
    const { certificateName } = peer;
    if (certificateName !== undefined && clientId === certificateName && !this.#credentials.device(certificateName)) {
      const isNew = await this.#provisioning.provisionByCertificate(certificateName);
      if (isNew) return refuse(5, "the device is new: it is pending until somebody approves it");
    }
    const name = userName ?? clientId;
    const retryAfterMs = this.#loginThrottle.blockedForMs(peer, name, nowMs);
    if (retryAfterMs > 0) return { ...refuse(5, "too many failed logins from this address"), retryAfterMs };
    const result = await authenticate(credentials, this.#credentials, this.#tokens, this.#settings);
    if (result.ok) this.#loginThrottle.reset(peer, name);
    else if (result.returnCode === 4) this.#loginThrottle.recordFailure(peer, name, nowMs);
    return result;
  }

  /** A connection that the server ended does not count against the client's connect rate. */
  refundConnect(clientId: string): void {
    this.#connectLimit.refund(clientId);
  }
}

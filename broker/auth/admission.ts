import { type ConnectCredentials, authenticate, type AuthResult, refuse, sha256Hex } from "./authenticate.ts";
import { mayPublish } from "./authorize.ts";
import type { DeviceTokens } from "./device-tokens.ts";
import { LoginThrottle } from "./login-throttle.ts";
import { ConnectRateLimiter } from "./connect-rate-limit.ts";
import type { Provisioning } from "./provisioning.ts";
import type { CredentialCache } from "./credential-cache.ts";
import type { BrokerSettings } from "../settings.ts";

/** 256 random bits in base64url (RFC 4648 section 5). */
const looksLikeSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** Who is let in: the right credentials, not too many wrong ones before, not too often, and with a permitted will. */
export class Admission {
  readonly #registry: CredentialCache;
  readonly #tokens: DeviceTokens;
  readonly #provisioning: Provisioning;
  readonly #settings: BrokerSettings;
  readonly #failures: LoginThrottle;
  readonly #flapping: ConnectRateLimiter;

  constructor(registry: CredentialCache, tokens: DeviceTokens, provisioning: Provisioning, settings: BrokerSettings) {
    this.#registry = registry;
    this.#tokens = tokens;
    this.#provisioning = provisioning;
    this.#settings = settings;
    this.#failures = new LoginThrottle(settings.loginAttempts);
    this.#flapping = new ConnectRateLimiter(settings.connectsPerMinute);
  }

  /** ThingsBoard firmware connects under any client id, with its access token as user name: here it gets its own id. */
  async resolveClientId(clientId: string, userName: string | undefined): Promise<string> {
    if (!userName || this.#registry.device(userName)) return clientId;
    const sha256 = sha256Hex(userName);
    const known = this.#registry.deviceByAccessToken(sha256);
    if (known) return known.id;
    if (!looksLikeSecret(userName) || !(await this.#registry.reloadByAccessToken(sha256))) return clientId;
    return this.#registry.deviceByAccessToken(sha256)?.id ?? clientId;
  }

  /** Decides on a CONNECT. @param will the topic of its will */
  async authorizeConnect(claim: ConnectCredentials, will: string | undefined, nowMs: number): Promise<AuthResult> {
    const identity = await this.authenticate(claim, nowMs);
    if (!identity.ok) return identity;
    // [MQTT-3.1.2-8]: it would be published in the device's name later, so it is judged now.
    if (will !== undefined && !mayPublish(identity.principal, will)) {
      return refuse(5, `may not leave a will on ${will}`);
    }
    // Local trials and test suites come and go as they like.
    if (identity.principal.type === "anonymous") return identity;
    const admitted = this.#flapping.tryConnect(claim.clientId, nowMs);
    return admitted ? identity : refuse(5, "connects too often: refused for five minutes");
  }

  /** Checks credentials, here and for HTTP. */
  async authenticate(claim: ConnectCredentials, nowMs: number): Promise<AuthResult> {
    const { address, certificateName } = claim.peer;
    if (
      certificateName !== undefined &&
      claim.clientId === certificateName &&
      !this.#registry.device(certificateName)
    ) {
      const isNew = await this.#provisioning.provisionByCertificate(certificateName);
      if (isNew) return refuse(5, "the device is new: it is pending until somebody approves it");
    }
    const name = claim.userName ?? claim.clientId;
    if (!this.#failures.isAllowed(address, name, nowMs)) return refuse(5, "too many failed logins from this address");
    const identity = await authenticate(claim, this.#registry, this.#tokens, this.#settings);
    if (identity.ok) this.#failures.reset(address, name);
    else if (identity.returnCode === 4) this.#failures.count(address, name, nowMs);
    return identity;
  }

  /** A connection that the server itself ended is no flapping. */
  refundConnect(clientId: string): void {
    this.#flapping.refund(clientId);
  }
}

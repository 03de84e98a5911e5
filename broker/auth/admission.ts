import { type Claim, identify, type Identity, refuse, sha256Hex } from "./authenticate.ts";
import { mayPublish } from "./authorize.ts";
import type { DeviceTokens } from "./device-tokens.ts";
import { FailedLogins } from "./login-throttle.ts";
import { FlappingLimit } from "../uplink/rate-limiter.ts";
import type { Provisioning } from "./provisioning.ts";
import type { Registry } from "./credential-cache.ts";
import type { BrokerSettings } from "../settings.ts";

/** 256 random bits in base64url (RFC 4648 section 5). */
const looksLikeSecret = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** Who is let in: the right credentials, not too many wrong ones before, not too often, and with a permitted will. */
export class Admission {
  readonly #registry: Registry;
  readonly #tokens: DeviceTokens;
  readonly #provisioning: Provisioning;
  readonly #settings: BrokerSettings;
  readonly #failures: FailedLogins;
  readonly #flapping: FlappingLimit;

  constructor(registry: Registry, tokens: DeviceTokens, provisioning: Provisioning, settings: BrokerSettings) {
    this.#registry = registry;
    this.#tokens = tokens;
    this.#provisioning = provisioning;
    this.#settings = settings;
    this.#failures = new FailedLogins(settings.loginTries);
    this.#flapping = new FlappingLimit(settings.connectsPerMinute);
  }

  /** ThingsBoard firmware connects under any client id, with its access token as user name: here it gets its own id. */
  async clientIdOf(clientId: string, userName: string | undefined): Promise<string> {
    if (!userName || this.#registry.device(userName)) return clientId;
    const sha256 = sha256Hex(userName);
    const known = this.#registry.deviceByAccessToken(sha256);
    if (known) return known.id;
    if (!looksLikeSecret(userName) || !(await this.#registry.readTokenAgain(sha256))) return clientId;
    return this.#registry.deviceByAccessToken(sha256)?.id ?? clientId;
  }

  /** Decides on a CONNECT. @param will the topic of its will */
  async connect(claim: Claim, will: string | undefined, nowMs: number): Promise<Identity> {
    const identity = await this.login(claim, nowMs);
    if (!identity.known) return identity;
    // [MQTT-3.1.2-8]: it would be published in the device's name later, so it is judged now.
    if (will !== undefined && !mayPublish(identity.principal, will)) {
      return refuse(5, `may not leave a will on ${will}`);
    }
    // Local trials and test suites come and go as they like.
    if (identity.principal.type === "anonymous") return identity;
    const admitted = this.#flapping.admit(claim.clientId, nowMs);
    return admitted ? identity : refuse(5, "connects too often: refused for five minutes");
  }

  /** Checks credentials, here and for HTTP. */
  async login(claim: Claim, nowMs: number): Promise<Identity> {
    const { address, certificateName } = claim.origin;
    if (
      certificateName !== undefined &&
      claim.clientId === certificateName &&
      !this.#registry.device(certificateName)
    ) {
      const isNew = await this.#provisioning.byCertificate(certificateName);
      if (isNew) return refuse(5, "the device is new: it is pending until somebody approves it");
    }
    const name = claim.userName ?? claim.clientId;
    if (!this.#failures.mayTry(address, name, nowMs)) return refuse(5, "too many failed logins from this address");
    const identity = await identify(claim, this.#registry, this.#tokens, this.#settings);
    if (identity.known) this.#failures.forget(address, name);
    else if (identity.returnCode === 4) this.#failures.count(address, name, nowMs);
    return identity;
  }

  /** A connection that the server itself ended is no flapping. */
  forgive(clientId: string): void {
    this.#flapping.forgive(clientId);
  }
}

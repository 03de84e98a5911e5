import { MAX_MESSAGE_BYTES } from "./contract/readings.ts";
import type { AttemptLimit } from "./auth/login-throttle.ts";
import type { MemoryLimits } from "./session/memory-bounds.ts";
import type { TlsFiles } from "./transport/tls.ts";
import type { BridgeSettings } from "./uplink/bridge.ts";
import type { Rate } from "./uplink/rate.ts";

/** Where one listener binds. Port 0 picks a free one. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** Everything the broker is told by its composition root; it reads no environment. */
export interface BrokerSettings {
  /** plaintext MQTT over TCP; undefined: off */
  mqtt: ListenAddress | undefined;
  /** MQTT over TLS; needs `tls` */
  mqtts: ListenAddress | undefined;
  /** MQTT over WebSocket at `/mqtt`, and HTTP for devices that speak no MQTT */
  webSocket: (ListenAddress & { tls: boolean }) | undefined;
  tls: TlsFiles | undefined;
  /** every connection begins with a PROXY protocol v2 header of the balancer in front */
  proxyProtocol: boolean;
  /** an external broker to read from as well; undefined: none */
  bridge: BridgeSettings | undefined;
  /** folder of the credential snapshot, which lets a broker start while Postgres is away */
  dataDir: string;
  /** of one message, MQTT or HTTP; an MQTT packet may have a topic beside it */
  maxPayloadBytes: number;
  /** from the accepted socket to its complete CONNECT */
  connectTimeoutMs: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** a subscriber that takes nothing for this long is cut */
  drainTimeoutMs: number;
  /** publishes accepted and not yet on disk; past either bound sockets are paused */
  maxPendingMessages: number;
  maxPendingBytes: number;
  /** how long a publish may wait for a journal in trouble; well under 1.5 × the keep alive of usual devices */
  commitDeadlineMs: number;
  /** clients from loopback without credentials may use topics outside `devices/` */
  anonymousLoopback: boolean;
  /** filters that clients without credentials may not subscribe to, although they may use the topic */
  deniedSubscriptions: readonly string[];
  /** for devices without a `rate_limit` of their own */
  deviceRate: Rate;
  /** accepted connections of one client id; one more and it is refused for five minutes */
  connectsPerMinute: number;
  /** failed logins of one name from one address, and twenty times that for the address; never loopback */
  loginAttempts: AttemptLimit;
  /** open filters of one client */
  maxSubscriptions: number;
  /** what ordinary topics may keep in memory */
  memory: MemoryLimits;
}

/** The contract's defaults; listeners off. */
export const DEFAULT_BROKER_SETTINGS: Omit<BrokerSettings, "dataDir"> = {
  mqtt: undefined,
  mqtts: undefined,
  webSocket: undefined,
  tls: undefined,
  proxyProtocol: false,
  bridge: undefined,
  maxPayloadBytes: MAX_MESSAGE_BYTES,
  connectTimeoutMs: 5000,
  maxConnections: 50_000,
  maxConnectionsPerAddress: 50_000,
  drainTimeoutMs: 5000,
  maxPendingMessages: 100_000,
  maxPendingBytes: 64 * 1024 * 1024,
  commitDeadlineMs: 5000,
  anonymousLoopback: false,
  deniedSubscriptions: [],
  deviceRate: { perSecond: 100, burst: 200 },
  connectsPerMinute: 15,
  loginAttempts: { count: 5, windowMs: 15 * 60_000 },
  maxSubscriptions: 50,
  memory: {
    retainedTopics: 10_000,
    retainedBytes: 64 * 1024 * 1024,
    sessions: 10_000,
    sessionExpiryMs: 86_400_000,
    queuedMessages: 1000,
    queuedBytes: 1024 * 1024,
    queuedBytesInAll: 64 * 1024 * 1024,
  },
};

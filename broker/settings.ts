import { MAX_MESSAGE_BYTES } from "./contract/readings.ts";
import type { AttemptLimit } from "./auth/login-throttle.ts";
import type { MemoryLimits } from "./session/memory-limits.ts";
import type { TlsFiles } from "./transport/tls.ts";
import type { BridgeSettings } from "./uplink/bridge.ts";
import type { Rate } from "./uplink/rate.ts";

/** Where one listener binds. Port 0 picks a free one. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** All settings of the broker, given by its composition root: the broker does not read the environment. */
export interface BrokerSettings {
  /** plaintext MQTT over TCP; undefined: off */
  mqtt: ListenAddress | undefined;
  /** MQTT over TLS; needs `tls` */
  mqtts: ListenAddress | undefined;
  /** MQTT over WebSocket at `/mqtt`, and HTTP for devices that speak no MQTT */
  webSocket: (ListenAddress & { tls: boolean }) | undefined;
  tls: TlsFiles | undefined;
  /** every connection begins with a PROXY protocol v2 header, from the load balancer in front */
  proxyProtocol: boolean;
  /** an external broker to read from in addition; undefined: none */
  bridge: BridgeSettings | undefined;
  /** directory of the credential snapshot, with which the broker can start without Postgres */
  dataDir: string;
  /** of one message, over MQTT or HTTP; the topic does not count */
  maxPayloadBytes: number;
  /** from the accepted socket to a complete CONNECT */
  connectTimeoutMs: number;
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** a client that reads nothing for this long is disconnected */
  drainTimeoutMs: number;
  /** publishes accepted and not yet on disk; beyond either limit reading pauses */
  maxPendingMessages: number;
  maxPendingBytes: number;
  /** how long a publish may wait for a full or failing journal: well below 1.5 times usual keep alives */
  commitDeadlineMs: number;
  /** clients from loopback without credentials may use topics outside `devices/` */
  anonymousLoopback: boolean;
  /** filters that clients without credentials may not subscribe to, although they may use the topic */
  deniedSubscriptions: readonly string[];
  /** origins of pages that may use what needs no credentials, see `transport/origin.ts` */
  allowedOrigins: readonly string[];
  /** where an HTTP request comes from, given the address of its connection and its `X-Forwarded-For` */
  clientAddress: (address: string, forwardedFor: string | undefined) => string;
  /** for devices without their own `rate_limit` */
  deviceRate: Rate;
  /** connections of one client id; with one more it is refused for five minutes */
  connectsPerMinute: number;
  /** failed logins of one name from one address, and twenty times as many for the address; loopback is exempt */
  loginAttempts: AttemptLimit;
  /** open topic filters of one client */
  maxSubscriptions: number;
  /** memory limits for ordinary topics: retained messages, sessions, queues */
  memory: MemoryLimits;
}

/** Defaults, with all listeners off. */
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
  allowedOrigins: [],
  clientAddress: (address) => address,
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

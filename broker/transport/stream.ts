import type { Duplex } from "node:stream";

/** time for bytes already written to leave after the connection has ended */
const LINGER_MS = 1000;

/** A TCP, TLS or WebSocket stream that carries MQTT. */
export type TransportStream = Duplex & {
  setNoDelay?: (on: boolean) => unknown;
  /** lets TCP find out whether the peer is still there. @param initialDelayMs silence before it asks */
  setKeepAlive?: (on: boolean, initialDelayMs: number) => unknown;
};

/** Closes a stream in such a way that the bytes written to it still arrive. */
export function closeGracefully(transport: TransportStream): void {
  if (transport.destroyed) return;
  transport.removeAllListeners("data");
  // Keep reading to the end: with unread bytes the kernel sends a reset, which can overtake a CONNACK.
  transport.resume();
  transport.end();
  const linger = setTimeout(() => transport.destroy(), LINGER_MS);
  transport.once("close", () => clearTimeout(linger));
}

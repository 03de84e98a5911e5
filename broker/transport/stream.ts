import type { Duplex } from "node:stream";

/** for bytes already written to leave, once the connection is over */
const LINGER_MS = 1000;

/** What the guard needs of a TCP, TLS or WebSocket stream. */
export type TransportStream = Duplex & { setNoDelay?: (on: boolean) => unknown };

/** Closes a stream so that what was written to it arrives. */
export function closeGracefully(transport: TransportStream): void {
  if (transport.destroyed) return;
  transport.removeAllListeners("data");
  // Read on to the end: unread bytes would turn the close into a reset, which can overtake a CONNACK.
  transport.resume();
  transport.end();
  const linger = setTimeout(() => transport.destroy(), LINGER_MS);
  transport.once("close", () => clearTimeout(linger));
}

import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { TransportWriter } from "../../../broker/mqtt/transport-writer.ts";
import type { TransportStream } from "../../../broker/transport/stream.ts";

const LIMIT = 128 * 1024;
const DRAIN_TIMEOUT_MS = 1_000;

/** A socket whose peer reads when `read` is called. */
function slowPeer() {
  const waiting: (() => void)[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, taken) => void waiting.push(taken),
  });
  return { socket: socket as unknown as TransportStream, read: () => waiting.shift()?.() };
}

test("answers that gather before the socket count as unread, and time out, until something is taken", async () => {
  const { socket, read } = slowPeer();
  let drains = 0;
  const writer = new TransportWriter(socket, DRAIN_TIMEOUT_MS, () => (drains += 1));
  let isWritten = false;
  writer.write(Buffer.alloc(4), () => (isWritten = true));
  // The socket itself has room for more.
  expect(writer.hasUnread(LIMIT)).toBe(false);
  expect(writer.violation(performance.now() + DRAIN_TIMEOUT_MS)).toBeUndefined();
  expect(writer.hasUnread(LIMIT + 1)).toBe(true);
  expect(writer.violation(performance.now() + DRAIN_TIMEOUT_MS)).toBeDefined();
  read();
  await expect.poll(() => isWritten).toBe(true);
  expect(drains).toBe(1);
  expect(writer.hasUnread(LIMIT)).toBe(false);
});

test("a long answer is unread until its last piece is taken, and each piece that is taken shows that the client reads", async () => {
  const { socket, read } = slowPeer();
  const writer = new TransportWriter(socket, DRAIN_TIMEOUT_MS, () => undefined);
  let isWritten = false;
  writer.write(Buffer.alloc(40 * 1024), () => (isWritten = true));
  for (let pieces = 0; pieces < 2; pieces += 1) {
    await expect.poll(() => writer.hasUnread(0)).toBe(true);
    read();
  }
  expect(isWritten).toBe(false);
  await expect.poll(() => (read(), isWritten)).toBe(true);
  expect(writer.hasUnread(0)).toBe(false);
});

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Opens a WebSocket for MQTT as a socket, so that a test may send frames that no library would. */
export async function openWebSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
  );
  await once(socket, "data");
  return socket;
}

const BINARY = 0x82;
const PING = 0x89;
/** with the masking key 0, which leaves the payload as it is (RFC 6455 section 5.3) */
const MASK = Buffer.alloc(4);

/** One masked frame (RFC 6455 section 5.2). */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = opcode;
  header[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, MASK, payload]);
}

/** The bytes in binary frames of `size` bytes each. */
export function bytesInFrames(bytes: Buffer, size = 1): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(frame(BINARY, bytes.subarray(at, at + size)));
  return Buffer.concat(frames);
}

/** A ping without content. */
export const PING_FRAME = frame(PING, Buffer.alloc(0));

import type { Socket } from "node:net";

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const PREAMBLE_BYTES = 16;
/** addresses and the extra fields (TLVs) that balancers add: far more than any balancer sends */
const MAX_REST_BYTES = 2048;
/** for the whole header */
const TIMEOUT_MS = 5000;
const LOCAL = 0x20;
const PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * Reads the header that a balancer sends before a connection's bytes (PROXY protocol version 2, haproxy's
 * proxy-protocol.txt, section 2.2) and leaves the bytes after it in the socket.
 * @returns the client's address; undefined: the connection is the balancer's own, such as a health check
 * @throws when no valid header arrives in time: the connection did not come through the balancer
 */
export async function readProxyHeader(socket: Socket): Promise<string | undefined> {
  const deadlineMs = performance.now() + TIMEOUT_MS;
  const preamble = await readBytes(socket, PREAMBLE_BYTES, deadlineMs);
  const command = preamble[12]!;
  const family = preamble[13]!;
  const length = preamble.readUInt16BE(14);
  if (!preamble.subarray(0, 12).equals(SIGNATURE)) throw new Error("no PROXY protocol v2 header");
  if (command !== LOCAL && command !== PROXY) throw new Error("unknown PROXY protocol version or command");
  if (length > MAX_REST_BYTES) throw new Error(`a PROXY header of ${length} bytes is too long`);
  const rest = length === 0 ? Buffer.alloc(0) : await readBytes(socket, length, deadlineMs);
  if (command === LOCAL) return undefined;
  if (family === TCP_OVER_IPV4 && length >= 12) return [...rest.subarray(0, 4)].join(".");
  if (family === TCP_OVER_IPV6 && length >= 36) return ipv6(rest.subarray(0, 16));
  throw new Error("a PROXY header without TCP addresses");
}

function ipv6(bytes: Buffer): string {
  const mapped = bytes.subarray(0, 12).equals(Buffer.from("00000000000000000000ffff", "hex"));
  if (mapped) return [...bytes.subarray(12)].join(".");
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  // The URL parser writes IPv6 in its canonical short form (RFC 5952).
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function readBytes(socket: Socket, count: number, deadlineMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      socket.off("readable", tryRead).off("error", fail).off("close", close);
      finish();
    };
    const tryRead = (): void => {
      const bytes = socket.read(count) as Buffer | null;
      if (bytes === null) return;
      if (bytes.length === count) settle(() => resolve(bytes));
      else fail(new Error("the connection ended within its PROXY header"));
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const close = (): void => fail(new Error("the connection closed before its PROXY header"));
    const timer = setTimeout(() => fail(new Error("no PROXY header in time")), deadlineMs - performance.now());
    socket.on("readable", tryRead).on("error", fail).on("close", close);
    tryRead();
  });
}

import { connect, type Socket } from "node:net";
import type { SseClientReport, SseClientsOrder } from "./sse-clients.ts";

// A process of its own that holds the viewers of a live stream open and reads all they are sent, so that the process that
// measures has nothing to do with it.

const MARK = Buffer.from("event: positions\n");
/** Shared by all sockets: the bytes are consumed before the next read. */
const BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

interface Viewer {
  socket: Socket;
  frames: number;
  bytes: number;
  /** the end of the last chunk, where a mark may begin */
  tail: Buffer;
}

const viewers: Viewer[] = [];
let lost = 0;

function open({ host, port, path, tokens }: SseClientsOrder, index: number): Promise<void> {
  const token = tokens[index % tokens.length];
  return new Promise((resolve, reject) => {
    const viewer: Viewer = { socket: undefined!, frames: 0, bytes: 0, tail: Buffer.alloc(0) };
    let isOpen = false;
    const read = (length: number): boolean => {
      const chunk = BUFFER.subarray(0, length);
      if (!isOpen) {
        const head = chunk.toString("latin1", 0, 12);
        if (head !== "HTTP/1.1 200") reject(new Error(`a viewer was answered ${chunk.toString("latin1", 0, 300)}`));
        isOpen = true;
        resolve();
      }
      viewer.bytes += length;
      count(viewer, chunk);
      return true;
    };
    const socket = connect({ host, port, onread: { buffer: BUFFER, callback: read } });
    viewer.socket = socket;
    socket.on("error", reject);
    socket.once("close", () => (lost += 1));
    const authorization = token === undefined ? "" : `Authorization: Bearer ${token}\r\n`;
    socket.once("connect", () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n${authorization}\r\n`));
    viewers.push(viewer);
  });
}

function count(viewer: Viewer, chunk: Buffer): void {
  const seam = Buffer.concat([viewer.tail, chunk.subarray(0, MARK.length - 1)]);
  if (viewer.tail.length > 0 && seam.includes(MARK)) viewer.frames += 1;
  for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + MARK.length)) viewer.frames += 1;
  viewer.tail = Buffer.from(chunk.subarray(Math.max(0, chunk.length - MARK.length + 1)));
}

function report(): SseClientReport {
  const frames = viewers.map((viewer) => viewer.frames);
  const bytes = viewers.reduce((sum, viewer) => sum + viewer.bytes, 0);
  const { user, system } = process.cpuUsage();
  const [fewest, most] = [Math.min(...frames), Math.max(...frames)];
  return { frames: frames.reduce((a, b) => a + b, 0), fewest, most, bytes, lost, cpuSeconds: (user + system) / 1e6 };
}

process.on("message", (order: SseClientsOrder | "report") => {
  if (order === "report") return void process.send!(report());
  void (async () => {
    try {
      for (let index = 0; index < order.viewers; index += 1) await open(order, index);
      process.send!(report());
    } catch (error) {
      process.send!({ error: String(error) });
    }
  })();
});
process.once("disconnect", () => process.exit(0));

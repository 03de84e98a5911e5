import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}
export interface Answered {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** What goes wrong at a stand-in, from outside of its API. */
export interface Faults {
  /** answers that come instead of its own, one for each request */
  next: Answered[];
  /** called when a request was carried out and before it is answered; a rejection drops the connection */
  afterWork?: (asked: Asked) => Promise<void>;
}

export interface StandIn {
  url: string;
  faults: Faults;
  /** requests so far */
  asked: Asked[];
  close(): Promise<void>;
}

/** An HTTP server that answers as another system does. */
export async function startStandIn(answer: (asked: Asked) => Answered): Promise<StandIn> {
  const faults: Faults = { next: [] };
  const seen: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url!, "http://stand-in");
      const asked = {
        method: request.method!,
        url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      };
      seen.push(asked);
      const { status, body, headers = {} } = faults.next.shift() ?? answer(asked);
      const send = (): void => {
        const isText = typeof body === "string" && headers["Content-Type"] !== undefined;
        response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers });
        response.end(isText ? body : JSON.stringify(body));
      };
      if (faults.afterWork === undefined) send();
      else faults.afterWork(asked).then(send, () => request.socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    asked: seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Times of documents: each change is later than the one before. */
export function createClock(start = Date.parse("2026-03-01T08:00:00Z")): () => string {
  let now = start;
  return () => {
    now += 1_000;
    return new Date(now).toISOString().slice(0, 19).replace("T", " ");
  };
}

import type { IncomingMessage, ServerResponse } from "node:http";

/** A request that cannot be granted, with the status it is answered with (RFC 9110 section 15). */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

/** Answers in the form of RFC 9457. */
export function answerRefusal(response: ServerResponse, { status, message, headers }: Refusal): void {
  const body = JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail: message });
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers }).end(body);
}

/** @throws Refusal 413 as soon as there is too much, before it is kept */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new Refusal(413, `at most ${maxBytes} bytes are taken`, { Connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Who asks, by RFC 7617 (Basic) or RFC 6750 (Bearer); `userName` undefined where the scheme has none. */
export function credentialsOf({ headers }: IncomingMessage): { userName?: string; password?: Buffer } {
  const [, scheme, value = ""] = /^(basic|bearer) +([A-Za-z0-9._~+/=-]+)$/i.exec(headers.authorization ?? "") ?? [];
  if (scheme === undefined) return {};
  if (scheme.toLowerCase() === "bearer") return { password: Buffer.from(value) };
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return {};
  return { userName: text.slice(0, colon), password: Buffer.from(text.slice(colon + 1)) };
}

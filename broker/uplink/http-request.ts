import type { IncomingMessage } from "node:http";
import { HttpError } from "./http-error.ts";

/** @throws HttpError 413 as soon as there is too much, before it is kept */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new HttpError(413, `at most ${maxBytes} bytes are taken`, { Connection: "close" });
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
export function readCredentials({ headers }: IncomingMessage): { userName?: string; password?: Buffer } {
  const [, scheme, value = ""] = /^(basic|bearer) +([A-Za-z0-9._~+/=-]+)$/i.exec(headers.authorization ?? "") ?? [];
  if (scheme === undefined) return {};
  if (scheme.toLowerCase() === "bearer") return { password: Buffer.from(value) };
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return {};
  return { userName: text.slice(0, colon), password: Buffer.from(text.slice(colon + 1)) };
}

import type { IncomingMessage } from "node:http";
import { HttpError } from "./http-error.ts";

/** Reads a whole body. @throws HttpError 413 as soon as it exceeds `maxBytes`, before more is buffered */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new HttpError(413, `the body may have at most ${maxBytes} bytes`, { Connection: "close" });
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

export interface Credentials {
  userName?: string;
  password?: Buffer;
  /** the device that the path names */
  deviceId?: string;
}

/**
 * Reads `/ingest/{decoder}` or `/ingest/{decoder}/{deviceId}/{secret}`. The path of the second is a secret: it must not
 * appear in a log, an audit row or an answer. Undefined: another path.
 */
export function ingestTarget(pathname: string): { decoder: string; credentials?: Credentials } | undefined {
  const [, decoder, id, secret] = /^\/ingest\/([a-z0-9-]{1,64})(?:\/([^/]+)\/([^/]+))?\/?$/.exec(pathname) ?? [];
  if (decoder === undefined) return undefined;
  if (id === undefined || secret === undefined) return { decoder };
  const deviceId = decodedPart(id);
  return { decoder, credentials: { userName: deviceId, password: Buffer.from(decodedPart(secret)), deviceId } };
}

/** @throws HttpError 400 for a broken percent-encoding */
function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, "the path has a broken percent-encoding");
  }
}

/** The credentials of a request: RFC 7617 (Basic), or RFC 6750 (Bearer) without a user name. Empty where it has none. */
export function readCredentials({ headers }: IncomingMessage): Credentials {
  const [, scheme, value = ""] = /^(basic|bearer) +([A-Za-z0-9._~+/=-]+)$/i.exec(headers.authorization ?? "") ?? [];
  if (scheme === undefined) return {};
  if (scheme.toLowerCase() === "bearer") return { password: Buffer.from(value) };
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return {};
  return { userName: text.slice(0, colon), password: Buffer.from(text.slice(colon + 1)) };
}

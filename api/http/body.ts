import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import type { Context } from "hono";
import type { Access } from "../auth/roles.ts";
import type { ApiEnv } from "../deps.ts";
import { Problem } from "./problem.ts";
import { parseJsonBody, rejectUnstorableText } from "./validate.ts";

/** Bodies of signed-in callers. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Bodies of public endpoints: anyone can send them, as many at once as there are connections. */
const MAX_PUBLIC_BODY_BYTES = 16 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/** A format that a request body may have instead of JSON. */
export interface AlternativeBody {
  /** its media type in the OpenAPI document; any type that is not JSON is accepted */
  type: string;
  /** converts the bytes into the value a JSON body would have, or a promise of it; validated afterwards. @throws Problem 400 */
  read(bytes: Buffer): unknown;
  /** bytes that are not JSON are read in this format even when the media type says JSON */
  unlabelled?: true;
  /** JSON is not accepted, nor another type */
  only?: true;
}

/** The parts of an endpoint's specification that concern its body. */
interface BodyRules {
  access: Access;
  body?: unknown;
  bodyOptional?: boolean;
  alternativeBody?: AlternativeBody;
}

/**
 * Reads a request body as text and as a value, not yet validated. A body that is absent, and may be, is `{}`.
 * Call it after the caller is known: until then nothing of the body is read.
 * @throws Problem 400 when it is not JSON, 413 when it is too large, 415 when its media type is neither JSON nor the
 * alternative's
 */
export async function readBody(
  c: Context<ApiEnv>,
  { access, body, bodyOptional, alternativeBody: alternative }: BodyRules,
): Promise<{ text: string; value: unknown }> {
  if (c.req.method === "GET" || c.req.method === "HEAD") return { text: "", value: {} };
  const type = c.req.header("Content-Type");
  const bytes = await readBytes(c, access === "public" ? MAX_PUBLIC_BODY_BYTES : MAX_BODY_BYTES);
  if (alternative?.only && type?.split(";")[0]!.trim().toLowerCase() !== alternative.type) {
    throw new Problem(415, `the body is ${type ?? "of no type"}, ${alternative.type} is expected`);
  }
  const isOtherType = type !== undefined && !JSON_TYPE.test(type);
  if (alternative && (isOtherType || (alternative.unlabelled && !isJson(bytes)))) {
    const value = await alternative.read(bytes);
    rejectUnstorableText(value);
    return { text: bytes.toString("base64"), value };
  }
  const text = utf8Text(bytes);
  if (text === "" && (body === undefined || bodyOptional === true)) return { text, value: {} };
  if (text === "") throw new Problem(400, "a JSON body is expected");
  if (isOtherType) throw new Problem(415, `the body is ${type}, JSON is expected`);
  const value = parseJsonBody(text);
  rejectUnstorableText(value);
  return { text, value };
}

/** @throws Problem 400 when the bytes are not UTF-8: replaced characters would be stored as if they had been sent */
export function utf8Text(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8").replace(/^\uFEFF/, "");
  throw new Problem(400, "the body is not UTF-8");
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

/** @throws Problem 413 as soon as there are more than `maxBytes`, 400 when the client ends before its body does */
async function readBytes(c: Context<ApiEnv>, maxBytes: number): Promise<Buffer> {
  const tooLarge = new Problem(413, `a body has at most ${maxBytes} bytes here`);
  const length = c.req.header("Content-Length");
  if (Number(length ?? 0) > maxBytes) throw tooLarge;
  try {
    // With a length the HTTP parser reads no more than that.
    if (length !== undefined) return Buffer.from(await c.req.arrayBuffer());
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bodyChunks(c)) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(400, "the body did not arrive completely");
  }
}

/**
 * A body as it arrives. It is read from the socket's own stream: the one of `Request` reads three pieces of 64 KiB ahead, for
 * each of thousands of senders. Whoever stops reading leaves the connection open, so that an answer can still be sent.
 * @throws Problem 400 when the client ends before its body does
 */
export async function* bodyChunks(c: Context<ApiEnv>): AsyncGenerator<Uint8Array> {
  const incoming: unknown = c.env?.incoming;
  const body = incoming instanceof Readable ? incoming.iterator({ destroyOnReturn: false }) : c.req.raw.body;
  try {
    yield* (body ?? []) as AsyncIterable<Uint8Array>;
  } catch {
    throw new Problem(400, "the body did not arrive completely");
  }
}

import type { Context } from "hono";
import type { ApiEnv } from "../deps.ts";
import { Problem } from "./problem.ts";
import { parseJsonBody, rejectNulCharacters } from "./validate.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/** A format that a request body may have instead of JSON. */
export interface AlternativeBody {
  /** its media type in the OpenAPI document; any type that is not JSON is accepted */
  type: string;
  /** converts the bytes into the value a JSON body would have; validated afterwards. @throws Problem 400 */
  read(bytes: Buffer): unknown;
  /** bytes that are not JSON are read in this format even when the media type says JSON */
  unlabelled?: true;
}

/**
 * Reads a request body as text and as a value, not yet validated. A body that is absent, and may be, is `{}`.
 * @throws Problem 400 when it is not JSON, 415 when its media type is neither JSON nor the alternative's
 */
export async function readBody(
  c: Context<ApiEnv>,
  expected: boolean,
  optional: boolean,
  alternative: AlternativeBody | undefined,
): Promise<{ text: string; value: unknown }> {
  if (c.req.method === "GET" || c.req.method === "HEAD") return { text: "", value: {} };
  const type = c.req.header("Content-Type");
  const bytes = Buffer.from(await c.req.arrayBuffer());
  const isOtherType = type !== undefined && !JSON_TYPE.test(type);
  if (alternative && (isOtherType || (alternative.unlabelled && !isJson(bytes)))) {
    const value = alternative.read(bytes);
    rejectNulCharacters(value);
    return { text: bytes.toString("base64"), value };
  }
  const text = bytes.toString("utf8");
  if (text === "" && (!expected || optional)) return { text, value: {} };
  if (text === "") throw new Problem(400, "a JSON body is expected");
  if (isOtherType) throw new Problem(415, `the body is ${type}, JSON is expected`);
  const value = parseJsonBody(text);
  rejectNulCharacters(value);
  return { text, value };
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

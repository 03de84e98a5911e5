import type { Context } from "hono";
import type { ApiEnv } from "../deps.ts";
import { Problem } from "./problem.ts";
import { parseJsonBody, rejectNulCharacters } from "./validate.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/** What a body may be instead of JSON. */
export interface AlternativeBody {
  /** its media type in the document; any that is not JSON is taken */
  type: string;
  /** what the JSON body would have been; not yet validated. @throws Problem 400 */
  read(bytes: Buffer): unknown;
  /** a body that is not JSON is this, whatever its media type says */
  unlabelled?: true;
}

/**
 * The body of a request, as text and as JSON; `{}` where none is expected or it may be left out.
 * @throws Problem 400 when it is not JSON, 415 when it says that it is something else
 */
export async function readBody(
  c: Context<ApiEnv>,
  expected: boolean,
  optional: boolean,
  other: AlternativeBody | undefined,
): Promise<{ text: string; value: unknown }> {
  if (c.req.method === "GET" || c.req.method === "HEAD") return { text: "", value: {} };
  const type = c.req.header("Content-Type");
  const bytes = Buffer.from(await c.req.arrayBuffer());
  const saysOther = type !== undefined && !JSON_TYPE.test(type);
  if (other && (saysOther || (other.unlabelled && !isJson(bytes)))) {
    const value = other.read(bytes);
    rejectNulCharacters(value);
    return { text: bytes.toString("base64"), value };
  }
  const text = bytes.toString("utf8");
  if (text === "" && (!expected || optional)) return { text, value: {} };
  if (text === "") throw new Problem(400, "a JSON body is expected");
  if (saysOther) throw new Problem(415, `the body is ${type}, JSON is expected`);
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

import type { Context } from "hono";
import type { ApiEnv } from "../../deps.ts";
import { bodyChunks, utf8Text } from "../../http/body.ts";
import { Problem } from "../../http/problem.ts";
import { parseJsonBody, rejectUnstorableText } from "../../http/validate.ts";
import { MAX_BYTES, MAX_EVENTS } from "../../integrations/epcis/capture/limits.ts";
import type { JsonObject } from "../../integrations/epcis/json.ts";
import { checkDocument, eventsOf, fieldName } from "../../integrations/epcis/schema/check-document.ts";
import { CAPTURE_HEADERS } from "./headers.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/** A document that the schema accepts, with its text. */
export interface ReceivedDocument {
  text: string;
  document: JsonObject;
  events: readonly JsonObject[];
}

/**
 * Reads a document of EPCIS 2.0 and checks it by the schema.
 * @throws Problem 400 naming the fields, 413 for too many bytes or events, 415 when it is not JSON
 */
export async function receiveDocument(c: Context<ApiEnv>): Promise<ReceivedDocument> {
  const type = c.req.header("Content-Type");
  if (type !== undefined && !JSON_TYPE.test(type))
    throw new Problem(415, `the body is ${type}; application/json or application/ld+json is expected`);
  // The sender may capture: a document on a slow line takes longer than other requests may.
  c.env?.takeUpload?.();
  const text = utf8Text(await readAll(c));
  if (text === "") throw new Problem(400, "a JSON body is expected");
  const document = parseJsonBody(text);
  rejectUnstorableText(document);
  const issues = await checkDocument(document);
  if (issues.length > 0) {
    const { path, message } = issues[0]!;
    const errors = issues.map((issue) => ({ pointer: pointerOf(issue.path), message: issue.message }));
    const field = fieldName(path);
    throw new Problem(400, `the document is not valid: ${field === "" ? "" : `${field}: `}${message}`, { errors });
  }
  const events = eventsOf(document as JsonObject);
  if (events.length > MAX_EVENTS) throw tooLarge(`a document has at most ${MAX_EVENTS} events here`);
  return { text, document: document as JsonObject, events };
}

async function readAll(c: Context<ApiEnv>): Promise<Buffer> {
  const refusal = tooLarge(`a document has at most ${MAX_BYTES} bytes here`);
  if (Number(c.req.header("Content-Length") ?? 0) > MAX_BYTES) throw refusal;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(c)) {
    size += chunk.length;
    if (size > MAX_BYTES) throw refusal;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (detail: string): Problem => new Problem(413, detail, { headers: { ...CAPTURE_HEADERS } });

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

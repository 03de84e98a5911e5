import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { printable } from "../channels/channel.ts";
import { isAllowedHost, publicLookup, urlProblem } from "../channels/public-addresses.ts";
import { ErpError } from "./erp-error.ts";

/** An answer that is larger is not read, bytes. */
const MAX_ANSWER = 16 * 1024 * 1024;
/** The ERP has failed when it takes longer, milliseconds. */
export const CALL_MS = 20_000;
/** The longest pause that an ERP may ask for, seconds. */
const MAX_PAUSE_S = 86_400;

export interface ErpAnswer {
  status: number;
  text: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ErpCall {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export type CallErp = (call: ErpCall) => Promise<ErpAnswer>;

/**
 * Calls an ERP whose address a person has typed: only where messages may go to, no redirects, in a limited time, and with a limit to
 * what is read. Answers that every ERP means the same by become errors here.
 * @throws ErpError for 401, 403, 429, 5xx, a redirect, or no answer
 */
export function createErpCall(allowedHosts: readonly string[], stopping: AbortSignal): CallErp {
  return async (call) => {
    // It may have been allowed when the connection was made.
    const problem = urlProblem(call.url.href, allowedHosts);
    if (problem !== undefined) throw new ErpError("auth", problem);
    const answer = await exchange(call, allowedHosts, stopping);
    const { status, text, headers } = answer;
    const said = `HTTP ${status} ${textOf(text)}`;
    if (status === 401 || status === 403) throw new ErpError("auth", printable(`the ERP does not let us in: ${said}`));
    if (status === 429)
      throw new ErpError("limit", "the ERP asks for a pause: HTTP 429", pauseOf(headers["retry-after"]));
    if (status >= 500)
      throw new ErpError("away", printable(`the ERP has a fault: ${said}`), pauseOf(headers["retry-after"]));
    if (status >= 300 && status < 400)
      throw new ErpError("auth", `the ERP redirects (HTTP ${status}): give the address that it redirects to`);
    return answer;
  };
}

async function exchange(call: ErpCall, allowedHosts: readonly string[], stopping: AbortSignal): Promise<ErpAnswer> {
  try {
    return await once(call, allowedHosts, AbortSignal.any([stopping, AbortSignal.timeout(CALL_MS)]));
  } catch (error) {
    if (error instanceof ErpError) throw error;
    const { message, code, name } = error as NodeJS.ErrnoException;
    const why = name === "TimeoutError" ? `no answer within ${CALL_MS / 1000} s` : message || (code ?? "no answer");
    throw new ErpError("away", printable(`the ERP cannot be reached: ${why}`));
  }
}

function once(
  { method, url, headers, body }: ErpCall,
  allowedHosts: readonly string[],
  signal: AbortSignal,
): Promise<ErpAnswer> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const options = {
    method,
    headers: {
      "User-Agent": "Waystock",
      ...(body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) }),
      ...headers,
    },
    signal,
    // A connection of its own: none that was made for another host's name.
    agent: false,
    ...(isAllowedHost(url, allowedHosts) ? {} : { lookup: publicLookup }),
  } as const;
  return new Promise((resolve, reject) => {
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_ANSWER) response.destroy(new ErpError("away", "the ERP sends more than can be read at once"));
      });
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** `Retry-After` in seconds, as milliseconds; a date is left out: whose clock would it be by? */
function pauseOf(value: string | string[] | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{1,6}$/.test(value)) return undefined;
  return Math.min(Number(value), MAX_PAUSE_S) * 1_000;
}

/** JSON of an answer. @throws ErpError */
export function jsonOf({ text, status }: ErpAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ErpError("away", printable(`the ERP does not answer with JSON (HTTP ${status}): ${textOf(text)}`));
  }
}

/** Without the tags of an error page. */
const textOf = (text: string): string => text.slice(0, 2_000).replace(/<[^>]*>/g, " ");

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { type Answer, printable } from "./channel.ts";
import { isAllowedHost, publicLookup, urlProblem } from "./public-addresses.ts";

/** What is read of an answer, bytes. */
const MAX_ANSWER = 2_048;
/** RFC 9110 §15.5.11: it is gone and will not come back. */
const GONE = 410;

/**
 * Posts to a URL that comes from a client, JSON unless `headers` say otherwise. Redirects are not followed: they could lead to where
 * nothing may be posted.
 */
export async function post(
  target: string,
  body: string | Uint8Array,
  {
    headers = {},
    signal,
    allowedHosts,
  }: { headers?: Record<string, string>; signal: AbortSignal; allowedHosts: readonly string[] },
): Promise<Answer> {
  // It may have been allowed when the rule was made.
  const problem = urlProblem(target, allowedHosts);
  if (problem !== undefined) return { accepted: false, response: problem };
  try {
    const { status, text, retryMs } = await exchange(new URL(target), body, headers, signal, allowedHosts);
    const response = printable(`HTTP ${status} ${text}`);
    if (status >= 200 && status < 300) return { accepted: true, response, status };
    return { accepted: false, response, status, isFinal: status === GONE, retryMs };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { accepted: false, response: printable(message === "" ? (code ?? "no answer") : message) };
  }
}

interface Exchange {
  status: number;
  text: string;
  retryMs: number | undefined;
}

function exchange(
  url: URL,
  body: string | Uint8Array,
  headers: Record<string, string>,
  signal: AbortSignal,
  allowedHosts: readonly string[],
): Promise<Exchange> {
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const options = {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "User-Agent": "Waystock",
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
      const done = () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).subarray(0, MAX_ANSWER).toString("utf8"),
          retryMs: retryMsOf(response.headers["retry-after"], response.headers.date),
        });
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length < MAX_ANSWER) return;
        // The status is known; the rest of what it says is not wanted.
        done();
        request.destroy();
      });
      response.on("end", done);
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** `Retry-After` as milliseconds: seconds, or a date by the clock of the other side, which says what time it is there (RFC 9110 §10.2.3). */
function retryMsOf(text: string | undefined, now: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1_000;
  const ms = Date.parse(text) - Date.parse(now ?? "");
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

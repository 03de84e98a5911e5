import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ApiEnv } from "../../deps.ts";
import { Problem } from "../../http/problem.ts";
import { EPC_FORMATS, type EpcFormat, epcFormatOf } from "../../integrations/epcis/answers/epc-format.ts";
import { MAX_BYTES, MAX_EVENTS } from "../../integrations/epcis/capture/limits.ts";

/** The version of the standards EPCIS and CBV that is spoken here. */
const VERSION = "2.0.0";

const VERSIONS: Readonly<Record<string, string>> = Object.fromEntries(
  ["EPCIS", "CBV"].flatMap((standard) =>
    ["Version", "Min", "Max"].map((bound) => [`GS1-${standard}-${bound}`, VERSION]),
  ),
);

/** What a client must know before it sends a document. */
export const CAPTURE_HEADERS: Readonly<Record<string, string>> = {
  "GS1-EPCIS-Capture-Limit": String(MAX_EVENTS),
  "GS1-EPCIS-Capture-File-Size-Limit": String(MAX_BYTES),
  "GS1-Capture-Error-Behaviour": "rollback",
};

/** Statuses that every operation below /epcis may answer, and why. */
export const EPCIS_PROBLEMS = {
  406: "the versions of EPCIS or CBV, or the EPC format, that the headers ask for are not spoken here",
} as const;

/**
 * Headers of all answers below /epcis, the versions that a client may ask for, and OPTIONS, by which it asks what is spoken here (EPCIS 2.0
 * §8.2.1). Call it before the routes.
 */
export function useEpcisHeaders(app: OpenAPIHono<ApiEnv>, version: string): void {
  for (const path of ["/epcis", "/epcis/*"]) {
    app.use(path, async (c, next) => {
      for (const [name, value] of Object.entries({ ...VERSIONS, "GS1-Vendor-Version": version })) c.header(name, value);
      assertVersions(c);
      if (c.req.method === "OPTIONS") return options(c);
      await next();
    });
  }
}

function options(c: Context<ApiEnv>): Response {
  const isCapture = /^\/epcis(?:\/capture.*)?$/.test(c.req.path);
  for (const [name, value] of Object.entries(isCapture ? CAPTURE_HEADERS : {})) c.header(name, value);
  c.header("GS1-EPC-Format", EPC_FORMATS.join(", "));
  c.header("Allow", isCapture ? "GET, HEAD, OPTIONS, POST" : "GET, HEAD, OPTIONS, POST, DELETE");
  return c.body(null, 204);
}

/** @throws Problem 406 when a header asks for other versions than the one that is spoken here */
function assertVersions(c: Context<ApiEnv>): void {
  for (const standard of ["EPCIS", "CBV"]) {
    const asked = (bound: string): string | undefined => c.req.header(`GS1-${standard}-${bound}`)?.trim();
    const [wanted, min, max] = ["Version", "Min", "Max"].map(asked);
    const isSpoken =
      (wanted === undefined || /^2(?:\.0)*$/.test(wanted)) &&
      (min === undefined || compare(min, VERSION) <= 0) &&
      (max === undefined || compare(max, VERSION) >= 0);
    if (!isSpoken) throw new Problem(406, `${standard} ${VERSION} is spoken here; the headers ask for another version`);
  }
}

/** Compares versions number by number; what is missing is zero. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (left![at] ?? 0) - (right![at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The EPC format that a request asks for. @throws Problem 406 for one that does not exist */
export function requestedEpcFormat(c: Context<ApiEnv>): EpcFormat {
  const header = c.req.header("GS1-EPC-Format");
  const format = epcFormatOf(header);
  if (format === undefined)
    throw new Problem(406, `GS1-EPC-Format is ${header}; it is one of ${EPC_FORMATS.join(", ")}`);
  return format;
}

/** JSON-LD for those who ask for it. */
export const answeredType = (c: Context<ApiEnv>): string =>
  /\bapplication\/ld\+json\b/.test(c.req.header("Accept") ?? "") ? "application/ld+json" : "application/json";

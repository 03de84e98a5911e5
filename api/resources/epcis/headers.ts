import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ApiEnv } from "../../deps.ts";
import type { Route } from "../../http/endpoint-spec.ts";
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
  406: "the versions of EPCIS or CBV, or the formats, that the headers ask for are not spoken here; or they accept no JSON",
} as const;

/** How XML would spell the words of the CBV. Answers are JSON, in which the header changes nothing. */
const CBV_XML_FORMATS: readonly string[] = ["No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates"];

/**
 * Headers of all answers below /epcis, what a client may ask for by its own, and OPTIONS, by which it asks what is spoken here (EPCIS 2.0
 * §8.2.1). Call it before the routes.
 * @param routes those of the API; they are asked for with the first OPTIONS
 */
export function useEpcisHeaders(app: OpenAPIHono<ApiEnv>, version: string, routes: () => readonly Route[]): void {
  for (const path of ["/epcis", "/epcis/*"]) {
    app.use(path, async (c, next) => {
      for (const [name, value] of Object.entries({ ...VERSIONS, "GS1-Vendor-Version": version })) c.header(name, value);
      const negotiate = (): void => {
        assertVersions(c);
        assertFormats(c);
      };
      if (c.req.method === "OPTIONS") {
        negotiate();
        return options(c, routes());
      }
      c.set("negotiate", negotiate);
      await next();
    });
  }
}

function options(c: Context<ApiEnv>, routes: readonly Route[]): Response {
  const path = c.req.path.replace(/\/$/, "");
  const methods = methodsOf(path, routes);
  if (methods.length === 0) throw new Problem(404, `there is nothing at ${path}`);
  if (/^\/epcis(?:\/capture.*)?$/.test(path))
    for (const [name, value] of Object.entries(CAPTURE_HEADERS)) c.header(name, value);
  c.header("GS1-EPC-Format", EPC_FORMATS.join(", "));
  c.header("GS1-CBV-XML-Format", "Never_Translates");
  c.header("Allow", methods.join(", "));
  return c.body(null, 204);
}

/** What a path takes; nothing: there is no such path. */
function methodsOf(path: string, routes: readonly Route[]): string[] {
  const methods = routes.flatMap((route) => {
    const [method, pattern] = route.split(" ") as [string, string];
    return fits(path, pattern) ? [method] : [];
  });
  if (methods.length === 0) return [];
  return [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].toSorted();
}

function fits(path: string, pattern: string): boolean {
  const [steps, wanted] = [path.split("/"), pattern.split("/")];
  return (
    steps.length === wanted.length &&
    wanted.every((step, at) => (step.startsWith("{") ? steps[at] !== "" : step === steps[at]))
  );
}

/** @throws Problem 406 for an answer in XML or the like, and for a way to spell words that does not exist */
function assertFormats(c: Context<ApiEnv>): void {
  const accepted = c.req.header("Accept")?.split(",") ?? [];
  if (accepted.length > 0 && !accepted.some((type) => JSON_RANGE.test(type)))
    throw new Problem(406, `answers are application/json or application/ld+json, and not ${c.req.header("Accept")}`);
  const format = c.req.header("GS1-CBV-XML-Format");
  if (format !== undefined && !CBV_XML_FORMATS.includes(format.trim()))
    throw new Problem(406, `GS1-CBV-XML-Format is ${format}; it is one of ${CBV_XML_FORMATS.join(", ")}`);
}
/** A range of media types that JSON is in, unless it is ruled out (`q=0`). */
const JSON_RANGE =
  /^\s*(?:\*\/\*|application\/(?:\*|json|ld\+json|problem\+json))\s*(?!.*;\s*q=0(?:\.0*)?\s*$)(?:;.*)?$/i;

/** @throws Problem 406 when a header asks for other versions than the one that is spoken here */
function assertVersions(c: Context<ApiEnv>): void {
  for (const standard of ["EPCIS", "CBV"]) {
    const asked = (bound: string): string | undefined => c.req.header(`GS1-${standard}-${bound}`)?.trim();
    const [wanted, min, max] = ["Version", "Min", "Max"].map(asked);
    const isSpoken =
      (wanted === undefined || /^2(?:\.0)*$/.test(wanted)) &&
      (min === undefined || compare(min, VERSION) <= 0) &&
      (max === undefined || compare(max, VERSION) >= 0);
    if (!isSpoken)
      throw new Problem(406, `only ${standard} ${VERSION} is supported; the headers ask for another version`);
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

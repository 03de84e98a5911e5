import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Pool } from "pg";
import type { Principal } from "../../auth/principal.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import { sha256 } from "../../auth/secrets.ts";
import type { ApiEnv } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { runMutation } from "../../http/mutation.ts";
import { decodeCursor, encodeCursor } from "../../http/paging.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { addCapture, countWaiting } from "../../integrations/epcis/capture/captures.ts";
import type { CaptureRunner } from "../../integrations/epcis/capture/capture-runner.ts";
import {
  ERROR_BEHAVIOURS,
  type ErrorBehaviour,
  MAX_BYTES,
  MAX_EVENTS,
  MAX_WAITING,
} from "../../integrations/epcis/capture/limits.ts";
import { CAPTURE_HEADERS, EPCIS_PROBLEMS } from "./headers.ts";
import { getCapture, listCaptures, withoutPosition } from "./queries.ts";
import { receiveDocument } from "./receive-document.ts";
import { captureJob, captureParams, epcisDocument, epcisPaging } from "./schema.ts";

const tag = "EPCIS";
const ROUTE = "POST /epcis/capture";
const LD_JSON = "application/ld+json";
/** A token of a page says where it begins; it is good at least this long, milliseconds. */
const TOKEN_LIFE_MS = 24 * 60 * 60_000;

interface Capturing {
  pool: Pool;
  addAuditEntry: AddAuditEntry;
  captures: CaptureRunner;
}

/** Events of partners come in, in documents (EPCIS 2.0 §8.2.3). They are about goods wherever these are: not for principals with limits. */
export function registerEpcisCapture(endpoints: Endpoints, capturing: Capturing): void {
  endpoints.custom(
    {
      route: ROUTE,
      access: HANDLING,
      tag,
      summary:
        `Capture an EPCISDocument of up to ${MAX_EVENTS} events and ${MAX_BYTES / 1024 / 1024} MiB. It is checked by the JSON schema of EPCIS 2.0 at once, ` +
        "and written in the background: follow the Location. The header GS1-Capture-Error-Behaviour is rollback, by which nothing is kept when an " +
        "event cannot be captured, or proceed, by which the others are. An event that is known already is not added again",
      body: epcisDocument,
      streamedBody: [LD_JSON],
      status: 202,
      problems: EPCIS_PROBLEMS,
    },
    async ({ principal, c }) => {
      const errorBehaviour = errorBehaviourOf(c);
      const { text, document, events } = await receiveDocument(c);
      const { epcisBody: _, ...header } = document;
      const sender = senderOf(principal);
      const behaviour = errorBehaviour === "rollback" ? "" : `${errorBehaviour} `;
      const bodyText = `${behaviour}${sha256(text).toString("base64")}`;
      const request = { c, principal, spec: { route: ROUTE }, bodyText, holdsPassword: false, resource: undefined };
      const { headers } = await runMutation(capturing, request, async (client) => {
        if ((await countWaiting(client, sender)) >= MAX_WAITING)
          throw new Problem(503, `${MAX_WAITING} documents of yours wait already`, {
            headers: { "Retry-After": "10" },
          });
        const id = await addCapture(client, {
          ...{ document: text, header, errorBehaviour, events: events.length },
          ...sender,
        });
        const made = { captureID: id, events: events.length, captureErrorBehaviour: errorBehaviour };
        return { status: 202, made, headers: { Location: `/epcis/capture/${id}` } };
      });
      capturing.captures.kick();
      const answered = { "GS1-Capture-Error-Behaviour": errorBehaviour, "Cache-Control": "private, no-cache" };
      return c.body(null, 202, { ...CAPTURE_HEADERS, ...answered, ...headers });
    },
  );
  endpoints.read(
    {
      route: "GET /epcis/capture",
      access: SIGNED_IN,
      tag,
      summary: "List captures, newest first; they are kept for 30 days",
      query: z.strictObject(epcisPaging),
      response: z.array(captureJob),
      problems: EPCIS_PROBLEMS,
    },
    async ({ query: { perPage, nextPageToken }, c, db }) => {
      const before = decodeToken(nextPageToken);
      const rows = await listCaptures(db, { before, limit: perPage + 1 });
      const page = rows.slice(0, perPage);
      const next = rows.length > perPage ? encodeCursor([page.at(-1)!.position]) : undefined;
      const headers = next === undefined ? {} : nextPageHeaders(c.req.url, next);
      return {
        status: 200,
        body: page.map(withoutPosition),
        headers: { ...CAPTURE_HEADERS, ...headers },
      };
    },
  );
  endpoints.read(
    {
      route: "GET /epcis/capture/{captureID}",
      access: SIGNED_IN,
      tag,
      summary: "Get how far a capture has come, and what was wrong with which events",
      params: captureParams,
      response: captureJob,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params, db }) => ({ status: 200, body: await getCapture(db, params.captureID), headers: {} }),
  );
}

/** Who captures, for the columns of that name. */
export const senderOf = ({ kind, id }: Principal): { userId: number | null; clientId: number | null } =>
  kind === "user" ? { userId: id, clientId: null } : { userId: null, clientId: id };

/** One implementation has another name for the header. @throws Problem 400 for another value */
function errorBehaviourOf(c: Context<ApiEnv>): ErrorBehaviour {
  const header = c.req.header("GS1-Capture-Error-Behaviour") ?? c.req.header("GS1-EPCIS-Capture-Error-Behaviour");
  if (header === undefined) return "rollback";
  const found = ERROR_BEHAVIOURS.find((behaviour) => behaviour === header.trim().toLowerCase());
  if (found === undefined)
    throw new Problem(400, `GS1-Capture-Error-Behaviour is ${header}; it is one of ${ERROR_BEHAVIOURS.join(", ")}`);
  return found;
}

const token = z.tuple([z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)]);

/** @throws Problem 400 for what is no token of this list */
function decodeToken(text: string | undefined): number | undefined {
  try {
    return decodeCursor(text, token)?.[0];
  } catch {
    throw invalid("/nextPageToken", "not a token of this list");
  }
}

/** The address of the next page, and until when it is good (EPCIS 2.0 §8.2.5). */
function nextPageHeaders(requestUrl: string, next: string): Record<string, string> {
  const { pathname, searchParams } = new URL(requestUrl);
  searchParams.set("nextPageToken", next);
  return {
    Link: `<${pathname}?${searchParams.toString()}>; rel="next"`,
    "GS1-Next-Page-Token-Expires": new Date(Date.now() + TOKEN_LIFE_MS).toISOString(),
  };
}

import { z } from "@hono/zod-openapi";
import { ERROR_BEHAVIOURS } from "../../integrations/epcis/capture/limits.ts";

const date = z.string().openapi({ format: "date-time" });

/** A body of EPCIS 2.0. The standard's own JSON schema decides: integrations/epcis/schema/check-document.ts. */
export const epcisDocument = z
  .looseObject({ type: z.string() })
  .describe("an EPCISDocument, by the JSON schema of EPCIS 2.0")
  .openapi("EpcisDocument");

export const epcisEvent = z
  .looseObject({ type: z.string() })
  .describe("an event with its @context, by the JSON schema of EPCIS 2.0")
  .openapi("EpcisEvent");

export const captureJob = z
  .object({
    captureID: z.string().describe("of its address: /epcis/capture/{captureID}"),
    createdAt: date,
    finishedAt: date.nullable().describe("null: it waits or runs"),
    running: z.boolean().describe("it waits or runs"),
    success: z.boolean().describe("it has finished, and all its events are in the repository"),
    captureErrorBehaviour: z.enum(ERROR_BEHAVIOURS),
    errors: z.array(
      z.object({
        type: z.string(),
        title: z.string(),
        status: z.number().int(),
        detail: z.string(),
        instance: z.string().optional().describe("which event of the document it is about, as a JSON pointer"),
      }),
    ),
    events: z.number().int().describe("of the document"),
    added: z.number().int().nullable().describe("events that were new"),
    known: z.number().int().nullable().describe("events that were in the repository already"),
  })
  .openapi("EpcisCapture");

export const captureParams = z.object({ captureID: z.uuid() });
export const eventParams = z.object({ eventID: z.string().min(1).max(1_000) });

const MAX_PER_PAGE = 1_000;

/** Paging by the rules of EPCIS 2.0 (§8.2.5): a server may give fewer than are asked for. */
export const epcisPaging = {
  perPage: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, "expected a number from 1")
    .transform((text) => Math.min(Number(text), MAX_PER_PAGE))
    .openapi({ type: "integer", minimum: 1, default: 30 })
    .default(30)
    .describe(`rows per page, at most ${MAX_PER_PAGE}`),
  nextPageToken: z.string().max(4_096).optional().describe('from `Link: rel="next"` of the page before'),
};

import { z } from "@hono/zod-openapi";
import { SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import { id, idParams, instant, nullableTimestamp, queryId, timestamp } from "../../http/fields.ts";

export const newTrackingLink = z
  .strictObject({
    expires_at: instant
      .nullable()
      .optional()
      .describe("from when on it shows nothing; by default 30 days after the shipment is closed"),
  })
  .openapi("NewTrackingLink");

const link = {
  id,
  expires_at: nullableTimestamp.describe("null: 30 days after the shipment is closed"),
  is_label: z.boolean().describe("the one in the QR code of its labels"),
  created_by: z.string().describe("as in the audit, e.g. user:7"),
  created_at: timestamp,
};
export const trackingLink = z.object(link).openapi("TrackingLink");
export type TrackingLink = z.output<typeof trackingLink>;

export const newLinkShown = z
  .object({ ...link, token: z.string().describe("shown only now"), url: z.string().describe("of the page") })
  .openapi("TrackingLinkShown");

export const linkParams = idParams.extend({
  link_id: queryId.openapi({ type: "integer", param: { name: "link_id", in: "path" } }),
});

const age = z.number().int().min(0).describe("seconds since then, when this was answered");

/** What a person without an account is told of a shipment: no ids, no names of people, no goods. */
export const publicTracking = z
  .object({
    tracking_number: z.string(),
    status: z.enum(SHIPMENT_STATUSES),
    status_since: timestamp,
    stage: z.enum(STAGES),
    stages: z.array(z.object({ stage: z.enum(STAGES), reached_at: timestamp })).describe("those it has been in"),
    due_at: nullableTimestamp,
    eta: z.object({ at: timestamp, estimated_at: timestamp, age_s: age }).nullable(),
    place: z
      .object({ name: z.string(), since: timestamp, is_there: z.boolean() })
      .nullable()
      .describe("where it is, or was last"),
    position: z
      .object({
        lat: z.number(),
        lon: z.number(),
        rounded_to_m: z.number().int(),
        measured_at: timestamp,
        age_s: age,
      })
      .nullable()
      .describe("of the vehicle that carries it; of goods of high value the place alone is told"),
    as_of: timestamp.describe("when this was answered"),
  })
  .openapi("PublicTracking");
export type PublicTracking = z.output<typeof publicTracking>;

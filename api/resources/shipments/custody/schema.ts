import { z } from "@hono/zod-openapi";
import { SHIPMENT_STATUSES, STAGES } from "../../../../ingest/domain/fact.ts";
import { id } from "../../../http/fields.ts";
import { evidence } from "../history-schema.ts";

/** What is hashed is text, so times are text too. */
const time = z.string().openapi({ format: "date-time" });
const sha256 = z.string().openapi({ pattern: "^[0-9a-f]{64}$" });
const holder = z.object({ location_id: id.nullable(), vehicle_id: id.nullable() });

export const custodyEntry = z
  .object({
    shipment_id: id,
    position: z.number().int().describe("1, 2, … without gaps"),
    kind: z
      .enum(["recorded", "corrected", "withdrawn"])
      .describe("`corrected`, `withdrawn`: what the entry `corrects` names was otherwise, or did not happen"),
    corrects: z.number().int().nullable().describe("position of the first entry about the same event"),
    recorded_at: time,
    reason: z.string().nullable().describe("why a person has corrected it; null: other facts became known"),
    event: z.string().describe("`driver_changed`: the goods stay aboard, and somebody else drives"),
    at: time.describe("when it happened"),
    status: z.enum(SHIPMENT_STATUSES),
    stage: z.enum(STAGES),
    from: holder.nullable().describe("null: it was created"),
    to: holder,
    driver: z
      .object({
        driver_id: id.nullable().describe("null: a person or a token without a row of its own"),
        name: z.string(),
        basis: z.enum(["signed_on", "planned"]).describe("`signed_on` at the vehicle, else `planned` for its trip"),
      })
      .nullable()
      .optional()
      .describe("who drove the vehicle that had the goods then; null: no vehicle, or nobody knows"),
    received_by: z.string().nullable().describe("who has taken the goods, of a proof of delivery"),
    outcome: z.enum(["delivered", "partly", "refused"]).nullable(),
    outcome_reason: z.string().nullable().describe("why not all of it was taken"),
    lines: z
      .array(z.object({ line: z.number().int(), quantity: z.number().int() }))
      .describe("how much of each line was taken; empty: nobody has said"),
    attachments: z
      .array(z.object({ id, kind: z.string(), sha256 }))
      .describe("photos and signature of a proof of delivery, by their content"),
    rule: z.string(),
    confidence: z.number(),
    device_id: z.string().nullable(),
    evidence: z.array(evidence),
    prev_hash: z.string().describe("hash of the entry before; empty for the first"),
    hash: sha256.describe("SHA-256 of `prev_hash`, a line feed and the entry without both hashes, as JSON"),
  })
  .openapi("CustodyEntry");
export type CustodyEntry = z.output<typeof custodyEntry>;

export const custodyCheck = z
  .object({
    intact: z.boolean().describe("no entry was changed, removed or put in between"),
    entries: z.number().int(),
    broken_position: z.number().int().nullable().describe("the first entry that is missing or has other content"),
    last_hash: z.string().nullable().describe("of the newest entry; null: there is none"),
  })
  .openapi("CustodyCheck");
export type CustodyCheck = z.output<typeof custodyCheck>;

import { z } from "@hono/zod-openapi";
import { SHIPMENT_STATUSES, STAGES } from "../../../ingest/domain/fact.ts";
import { id, idParams, queryId, timestamp } from "../../http/fields.ts";

/** What speaks for an event: a reading, or a person or system. */
export const evidence = z.object({
  device_id: z.string().optional(),
  kind: z.string().optional(),
  ts: z.string().optional(),
  actor_id: z.number().int().optional(),
  client_id: z.number().int().optional(),
  epcis_event: z.string().optional().describe("the id of a captured EPCIS event"),
  note: z.string().optional(),
});

/** What a person has recorded at the hand-over. */
const proof = z
  .object({
    name: z.string().describe("who took it"),
    outcome: z.enum(["delivered", "partly", "refused"]),
    reason: z.string().nullable(),
    note: z.string().nullable(),
    lines: z.array(z.object({ line: z.number().int(), quantity: z.number().int() })).nullable(),
    attachments: z.array(z.object({ id, kind: z.string(), sha256: z.string().describe("of its content then") })),
  })
  .describe("of a proof of delivery");

const actorName = z.string().nullable();

export const shipmentEvent = z
  .object({
    id: z.number().int(),
    at: timestamp,
    between: z
      .object({ from: timestamp, to: timestamp })
      .nullable()
      .describe(
        "it happened at some time in between, because nothing was heard for long; `at` is the best single time",
      ),
    type: z.string(),
    stage: z.enum(STAGES),
    status: z.enum(SHIPMENT_STATUSES),
    location_id: id.nullable(),
    vehicle_id: id.nullable(),
    rule: z.string(),
    evidence: z.array(evidence),
    proof: proof.optional(),
    confidence: z.number(),
    actor_id: id.nullable(),
    actor_name: actorName.describe(
      "name or e-mail address of the person, or name of the API client, that said so; null: nobody did, or nobody of whom the caller is told",
    ),
    device_id: z.string().nullable(),
    recorded_at: timestamp,
    voided: z
      .object({
        event_id: z.number().int(),
        at: timestamp,
        reason: z.string(),
        actor_id: id.nullable(),
        actor_name: actorName,
      })
      .nullable()
      .describe("it is wrong, by that event of type `void`; null: it holds"),
    voids: z
      .object({ event_id: z.number().int(), reason: z.string(), restores: z.boolean() })
      .nullable()
      .describe("of an event of type `void`: which event it is about, and whether that holds again"),
  })
  .openapi("ShipmentEvent");
export type ShipmentEventView = z.output<typeof shipmentEvent>;

export const eventParams = z.strictObject({
  ...idParams.shape,
  event_id: queryId.openapi({ type: "integer", param: { name: "event_id", in: "path" } }),
});

export const voiding = z
  .strictObject({
    reason: z.string().trim().min(3).max(500).describe("what is wrong, for everybody who reads the history"),
  })
  .openapi("Voiding");

export const track = z
  .object({
    type: z.literal("Feature"),
    geometry: z
      .union([
        z.object({ type: z.literal("Point"), coordinates: z.array(z.number()) }),
        z.object({ type: z.literal("LineString"), coordinates: z.array(z.array(z.number())) }),
      ])
      .nullable()
      .describe("LineString of [lon, lat]; Point for one fix; null without any"),
    properties: z.object({
      shipment_id: id,
      coordTimes: z.array(z.string()).describe("time of each coordinate"),
      speeds: z.array(z.number().nullable()).describe("speed at each coordinate, metres per second"),
    }),
  })
  .openapi("Track");

import { z } from "@hono/zod-openapi";
import { id, name, nullableTimestamp, stamps, timestamp } from "../../http/fields.ts";
import { PULL_KINDS } from "../../integrations/erp/adapter.ts";
import { ERP_KINDS, erpCredentials } from "../../integrations/erp/connections.ts";
import { erpOptions } from "../../integrations/erp/options.ts";

const url = z.string().trim().min(1).max(2_000).describe("where it answers, e.g. https://erp.example.com");
const database = z.string().trim().min(1).max(255).nullable().describe("of Odoo: its database");
const credentials = erpCredentials
  .openapi("ErpCredentials")
  .describe(
    "never shown again: Odoo api_key (before 19 also user), ERPNext api_key and api_secret, others user and password, or token",
  );

const fields = { name, url, database: database.optional(), enabled: z.boolean().optional() };

export const newErpConnection = z
  .strictObject({
    ...fields,
    kind: z.enum(ERP_KINDS),
    credentials: credentials.optional(),
    options: erpOptions.prefault({}),
  })
  .openapi("NewErpConnection");
export const erpConnectionChange = z
  .strictObject({ ...fields, credentials: credentials.optional(), options: erpOptions.optional() })
  .partial()
  .openapi("ErpConnectionChange");

export const erpConnection = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(ERP_KINDS),
    url: z.string(),
    database: z.string().nullable(),
    options: erpOptions,
    enabled: z.boolean(),
    key: z.string().describe("begins the ids of documents that are made there"),
    ...stamps,
  })
  .openapi("ErpConnection");
export type ErpConnection = z.output<typeof erpConnection>;

const count = z.number().int();
export const ERP_STATES = ["off", "working", "waiting", "failing", "stopped"] as const;
export const erpState = z
  .object({
    id,
    name: z.string(),
    kind: z.enum(ERP_KINDS),
    state: z
      .enum(ERP_STATES)
      .describe(
        "stopped: the ERP does not let us in; it is tried again when the connection is changed, or somebody asks for it",
      ),
    problem: z.string().nullable().describe("what is wrong, in words"),
    failing_since: nullableTimestamp,
    last_synced_at: nullableTimestamp,
    next_sync_at: timestamp,
    lag_seconds: z
      .number()
      .nullable()
      .describe("for how long something has waited to be made there; null: nothing waits"),
    documents: z.array(
      z.object({
        kind: z.string(),
        direction: z.enum(["in", "out"]),
        linked: count.describe("known on both sides"),
        waiting: count,
        failed: count,
        last_synced_at: nullableTimestamp.describe(
          "when all changes there were read; of what is made there: the newest",
        ),
      }),
    ),
    differences: count.describe("stock levels that differ"),
    conflicts: count.describe("others that wait for a person"),
  })
  .openapi("ErpState");

export const erpDocument = z
  .object({
    id: z.number().int(),
    kind: z.string(),
    direction: z.enum(["in", "out"]),
    local_id: z.number().int().nullable(),
    external_id: z.string().nullable(),
    number: z.string().nullable().describe("as people there call it"),
    key: z.string().nullable().describe("by which it is found there"),
    state: z.enum(["linked", "ignored", "deleted", "waiting", "sent", "failed", "reversing", "reversed", "cancelled"]),
    problem: z.string().nullable(),
    attempts: z.number().int(),
    content: z.record(z.string(), z.unknown()),
    ...stamps,
  })
  .openapi("ErpDocument");
export type ErpDocumentView = z.output<typeof erpDocument>;
export const DOCUMENT_KINDS = [...PULL_KINDS, "delivery", "receipt", "movement", "count"] as const;

export const CONFLICT_TYPES = [
  ...([
    "both_changed",
    "deleted_there",
    "duplicate",
    "unknown_unit",
    "unknown_reference",
    "unmapped_warehouse",
  ] as const),
  ...(["bad_quantity", "changed_after_shipping", "level_differs", "refused", "not_possible"] as const),
] as const;

export const erpConflict = z
  .object({
    id: z.number().int(),
    connection_id: id,
    type: z.enum(CONFLICT_TYPES),
    kind: z.string().describe("of the document"),
    local_id: z.number().int().nullable(),
    external_id: z.string().nullable(),
    subject: z.string().describe("such as the field"),
    message: z.string(),
    ours: z.unknown(),
    theirs: z.unknown(),
    state: z.enum(["open", "resolved"]),
    kept: z.enum(["ours", "theirs"]).nullable().describe("of a resolved one; null: it went by itself"),
    resolved_at: nullableTimestamp,
    ...stamps,
  })
  .openapi("ErpConflict");
export type ErpConflict = z.output<typeof erpConflict>;

export const erpResolution = z.strictObject({ keep: z.enum(["ours", "theirs"]) }).openapi("ErpResolution");
export const erpTest = z.object({ ok: z.boolean(), message: z.string() }).openapi("ErpTest");

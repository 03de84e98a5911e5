import { z } from "@hono/zod-openapi";
import { ALERT_TYPES, type AlertType, DEFAULT_PARAMS, SEVERITIES } from "../../../ingest/domain/alert/rule.ts";
import { MANOEUVRES } from "../../../ingest/domain/vehicle/manoeuvres.ts";
import { count, id, name, stamps, timestamp } from "../../http/fields.ts";

const seconds = z.number().int().min(0).max(86_400);
const percent = z.number().min(0).max(1_000);

/** Limits and times by type of rule; what is left out has its default. */
const PARAMS: Readonly<Record<AlertType, z.ZodObject>> = {
  low_stock: z.strictObject({ hold_seconds: seconds.optional(), clear_margin_percent: percent.optional() }),
  out_of_stock: z.strictObject({ hold_seconds: seconds.optional(), only_with_reorder_point: z.boolean().optional() }),
  overstock: z.strictObject({
    times_reorder_point: z.number().min(1).max(10_000).optional(),
    hold_seconds: seconds.optional(),
    clear_margin_percent: percent.optional(),
  }),
  unexplained_removal: z.strictObject({ min_quantity: count.min(1).optional() }),
  count_mismatch: z.strictObject({}),
  capacity: z.strictObject({
    percent: percent.min(1).optional(),
    hold_seconds: seconds.optional(),
    clear_margin_percent: percent.optional(),
  }),
  device_silent: z.strictObject({ missed_intervals: z.number().min(1).max(1_000).optional() }),
  battery_low: z.strictObject({
    below: z.number().min(0).max(1).optional(),
    clear_margin: z.number().min(0).max(1).optional(),
  }),
  clock_off: z.strictObject({
    above_seconds: seconds.min(1).optional(),
    clear_below_seconds: seconds.optional(),
    hold_seconds: seconds.optional(),
  }),
  quarantine_rising: z.strictObject({ per_hour: count.min(1).optional() }),
  integration_failing: z.strictObject({ minutes: count.min(1).max(10_080).optional() }),
  geofence: z.strictObject({ on: z.enum(["arrived", "departed", "both"]).optional() }),
  dwell: z.strictObject({
    minutes: z
      .number()
      .int()
      .min(1)
      .max(30 * 24 * 60)
      .optional(),
  }),
  overspeed: z.strictObject({
    kmh: z.number().min(1).max(500).optional(),
    hold_seconds: z.number().int().min(0).max(86_400).optional(),
    clear_margin_kmh: z.number().min(0).max(500).optional(),
  }),
  harsh_driving: z.strictObject({
    on: z.enum(["any", ...MANOEUVRES]).optional(),
    min_g: z.number().min(0).max(20).optional(),
  }),
  load_mismatch: z.strictObject({ hold_seconds: seconds.optional() }),
  excursion: z.strictObject({}),
  off_route: z.strictObject({}),
  unscheduled_stop: z.strictObject({ minutes: z.number().int().min(10).max(1440).optional() }),
  separation: z.strictObject({ metres: z.number().min(500).max(1_000_000).optional() }),
  light: z.strictObject({ lux: z.number().min(20).max(200_000).optional() }),
  shipment_silent: z.strictObject({ minutes: z.number().int().min(15).max(1440).optional() }),
  late: z.strictObject({
    hold_minutes: z.number().int().min(0).max(1440).optional(),
    at_once_minutes: z.number().int().min(0).max(10_080).optional(),
    clear_margin_minutes: z.number().int().min(0).max(1440).optional(),
  }),
};

const params = z
  .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
  .describe(
    `limits and times; what is left out has its default: ${ALERT_TYPES.map((type) => `${type} ${JSON.stringify(DEFAULT_PARAMS[type])}`).join(", ")}`,
  );

/** The params of a rule of this type. @returns what is wrong with them, with their JSON pointers; undefined: nothing */
export function paramProblems(type: AlertType, given: object): { pointer: string; message: string }[] | undefined {
  const result = PARAMS[type].safeParse(given);
  if (result.success) return undefined;
  return result.error.issues.map(({ path, message }) => ({
    pointer: `/params${path.map((part) => `/${String(part)}`).join("")}`,
    message,
  }));
}

const locationIds = z
  .array(id)
  .min(1, "name at least one, or null for everywhere")
  .max(1000)
  .nullable()
  .describe("only at these locations and below them; null: everywhere");

const ruleFields = {
  name,
  severity: z.enum(SEVERITIES).optional(),
  enabled: z.boolean().optional(),
  location_ids: locationIds.optional(),
  params: params.optional(),
};

export const newAlertRule = z.strictObject({ type: z.enum(ALERT_TYPES), ...ruleFields }).openapi("NewAlertRule");
export const alertRuleChange = z.strictObject({ ...ruleFields, name: name.optional() }).openapi("AlertRuleChange");
export const alertRule = z
  .object({
    id,
    name: z.string(),
    type: z.enum(ALERT_TYPES),
    severity: z.enum(SEVERITIES),
    enabled: z.boolean(),
    location_ids: locationIds,
    params: params,
    active_alerts: z.number().int().describe("alerts of this rule that are not resolved"),
    ...stamps,
  })
  .openapi("AlertRule");
export type AlertRule = z.output<typeof alertRule>;

export const dryRunRequest = z
  .strictObject({
    type: z.enum(ALERT_TYPES),
    location_ids: locationIds.optional(),
    params: params.optional(),
    days: z.number().int().min(1).max(30).default(7),
  })
  .openapi("AlertRuleDryRun");
export const dryRunResult = z
  .object({
    days: z.number().int(),
    would_have_fired: z.number().int(),
    complete: z
      .boolean()
      .describe("false: there was more to look at than one request may, and the number is of a part"),
    examples: z.array(z.object({ subject: z.string(), at: timestamp })).describe("the last ones"),
    note: z.string().nullable().describe("what the number follows from"),
  })
  .openapi("AlertRuleDryRunResult");
export type DryRunResult = z.output<typeof dryRunResult>;

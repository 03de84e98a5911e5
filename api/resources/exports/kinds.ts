import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { type Access, AUDITING, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Columns } from "../../tables/columns.ts";
import { listAlerts } from "../alerts/queries.ts";
import { listQuery as alertQuery } from "../alerts/routes.ts";
import { alert } from "../alerts/schema.ts";
import { listAudit } from "../audit/queries.ts";
import { filterOf as auditFilterOf } from "../audit/routes.ts";
import { auditEntry, auditFilter } from "../audit/schema.ts";
import { KINDS as IMPORT_KINDS } from "../imports/kinds/index.ts";
import type { ImportKind } from "../imports/kinds/kind.ts";
import { listOrders } from "../orders/queries.ts";
import { listQuery as orderQuery } from "../orders/routes.ts";
import { order } from "../orders/schema.ts";
import { listVehicles } from "../vehicles/queries.ts";
import { vehicle } from "../vehicles/schema.ts";
import { columnsOf, type ExportKind, PAGING, pageOfRows } from "./export-kind.ts";
import { INVENTORY, MOVEMENTS } from "./stock-kinds.ts";
import { SHIPMENTS, TRIPS } from "./timed-kinds.ts";

const none = z.strictObject({});
const q = z.strictObject({ q: z.string().max(255).optional() });

/** What can be imported is exported so that it changes nothing when it is imported again. */
function importable(kind: ImportKind, tag: string, access: Access, filters: z.ZodObject = none): ExportKind {
  return {
    name: kind.name,
    access,
    tag,
    summary: `Export ${kind.name} as CSV; imported again, it changes nothing`,
    filters,
    columns: kind.columns,
    page: ({ db }, given: Readonly<Record<string, unknown>>, after, limit) =>
      kind.page(db, after as number | string | undefined, limit, given),
  };
}

const LINE_COLUMNS: Columns = {
  order_id: "integer",
  kind: "word",
  reference: "text",
  status: "word",
  ...columnsOf(order.shape.lines.element),
};

/** One row for each line. */
const ORDER_LINES: ExportKind = {
  name: "order-lines",
  access: SIGNED_IN,
  tag: "Orders",
  summary:
    "Export the lines of orders as CSV, one row for each: how much was reserved, picked, packed, shipped, received",
  filters: orderQuery.omit(PAGING),
  columns: LINE_COLUMNS,
  async page({ db }, filters: Omit<z.output<typeof orderQuery>, "limit" | "cursor">, after, limit) {
    const { kind, status, customer_id: customerId } = filters;
    const orders = await listOrders(db, {
      after: after as number | undefined,
      kind,
      status,
      customerId,
      limit: limit + 1,
    });
    const { rows, next } = pageOfRows(orders, limit, ({ id }) => id);
    return { rows: (rows as unknown as typeof orders).flatMap(linesOf), next };
  },
};

type Order = Awaited<ReturnType<typeof listOrders>>[number];

const linesOf = ({ id, kind, reference, status, lines }: Order): Record<string, unknown>[] =>
  lines.map((line) => ({ ...line, order_id: id, kind, reference, status }));

const ALERTS: ExportKind = {
  name: "alerts",
  access: SIGNED_IN,
  tag: "Alerts",
  summary: "Export alerts as CSV, the newest first",
  filters: alertQuery.omit(PAGING),
  columns: columnsOf(alert),
  async page({ db }, filters: Omit<z.output<typeof alertQuery>, "limit" | "cursor">, after, limit) {
    const { state, active, type, severity, subject } = filters;
    const rows = await listAlerts(db, {
      before: after as number | undefined,
      ...{ state, active, type, severity, subject },
      locationId: filters.location_id,
      ruleId: filters.rule_id,
      assignedTo: filters.assigned_to,
      limit: limit + 1,
    });
    return pageOfRows(rows, limit, ({ id }) => id);
  },
};

const VEHICLES: ExportKind = {
  name: "vehicles",
  access: SIGNED_IN,
  tag: "Vehicles",
  summary: "Export vehicles as CSV, with where each was last",
  filters: q,
  columns: columnsOf(vehicle),
  async page({ db }, filters: z.output<typeof q>, after, limit) {
    const filter = { after: after as number | undefined, q: filters.q, limit: limit + 1, filters: {} };
    return pageOfRows(await listVehicles(db, filter), limit, ({ id }) => id);
  },
};

/** Roles that are limited to places do not see the audit, so it is read as it is. */
const auditOf = (pool: Pool): ExportKind => ({
  name: "audit",
  access: AUDITING,
  tag: "Audit",
  summary: "Export the audit as CSV, newest first; the same as /audit.csv",
  filters: z.strictObject(auditFilter),
  columns: columnsOf(auditEntry),
  async page(_, filters: Parameters<typeof auditFilterOf>[0], after, limit) {
    const rows = await listAudit(pool, auditFilterOf(filters, after as number | undefined), limit + 1);
    return pageOfRows(rows, limit, ({ id }) => id);
  },
});

const ofDevices = z.strictObject({ kind: z.string().max(32).optional(), state: z.string().max(32).optional() });

/** Everything that can be exported. */
export const exportKinds = (pool: Pool): readonly ExportKind[] => [
  importable(IMPORT_KINDS.items, "Catalogue", SIGNED_IN, q),
  importable(IMPORT_KINDS.locations, "Locations", SIGNED_IN, q),
  importable(IMPORT_KINDS.parties, "Parties", SIGNED_IN, q),
  importable(IMPORT_KINDS.devices, "Devices", MANAGEMENT, ofDevices),
  importable(IMPORT_KINDS.orders, "Orders", SIGNED_IN, orderQuery.omit(PAGING)),
  importable(IMPORT_KINDS.stock, "Inventory", SIGNED_IN),
  INVENTORY,
  MOVEMENTS,
  SHIPMENTS,
  ORDER_LINES,
  ALERTS,
  TRIPS,
  VEHICLES,
  auditOf(pool),
];

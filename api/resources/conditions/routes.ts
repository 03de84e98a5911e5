import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import type { Pool } from "pg";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import type { ApiResponse } from "../../http/response.ts";
import type { SeriesReader } from "../readings/series.ts";
import { getShipment } from "../shipments/queries.ts";
import { csvOf } from "./csv.ts";
import { pdfOf } from "./pdf.ts";
import { reportOf } from "./report.ts";
import { conditionReport } from "./schema.ts";

const JSON_TYPE = "application/json";
const CSV = "text/csv";
const PDF = "application/pdf";
const TYPES = { json: JSON_TYPE, csv: CSV, pdf: PDF } as const;

const reportQuery = z.strictObject({
  format: z.enum(["json", "csv", "pdf"]).optional().describe("by default what `Accept` asks for, else JSON"),
});

/** How a shipment was kept on its way. A principal that may see the shipment may see what its probes have measured. */
export function registerConditions(endpoints: Endpoints, pool: Pool, series: SeriesReader): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/conditions",
      access: SIGNED_IN,
      tag: "Shipments",
      summary:
        "Get the report of its conditions: minutes out of range, extremes, excursions and gaps (JSON, CSV or PDF)",
      params: idParams,
      query: reportQuery,
      response: conditionReport,
      alternativeResponses: [CSV, PDF],
    },
    async ({ params, query: { format }, c, db }) => {
      const shipment = await getShipment(db, params.id);
      const report = await reportOf({ pool, series }, shipment, Date.now());
      const type =
        format === undefined
          ? accepts(c, { header: "Accept", supports: Object.values(TYPES), default: JSON_TYPE })
          : TYPES[format];
      return answer(type, report);
    },
  );
}

async function answer(type: string, report: z.output<typeof conditionReport>): Promise<ApiResponse> {
  const name = `conditions-${report.tracking_number}`;
  const headers = (ofType: string, ending: string) => ({
    ...{ "Content-Type": ofType, Vary: "Accept" },
    "Content-Disposition": `attachment; filename="${name}.${ending}"`,
  });
  if (type === CSV) return { status: 200, bytes: csvOf(report), headers: headers("text/csv; charset=utf-8", "csv") };
  if (type === PDF) return { status: 200, bytes: await pdfOf(report), headers: headers(PDF, "pdf") };
  return { status: 200, body: report, headers: { Vary: "Accept" } };
}

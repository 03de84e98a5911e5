import { z } from "@hono/zod-openapi";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import { asList, CSV, csvFile, format, wantsCsv } from "../../tables/csv-answer.ts";
import type { Report } from "./report.ts";
import { csvOf } from "./report-file.ts";
import { REPORTS } from "./reports.ts";

/** What people ask of the whole: each report is a list, and the same list is a file. */
export function registerAnalytics(endpoints: Endpoints): void {
  for (const report of Object.values(REPORTS)) registerReport(endpoints, report);
}

/** Beside what the report itself asks. */
type Asked = Record<string, unknown> & { format?: "json" | "csv"; limit: number; cursor?: string };

function registerReport(endpoints: Endpoints, report: Report): void {
  endpoints.read(
    {
      route: `GET /analytics/${report.kind}`,
      access: SIGNED_IN,
      tag: "Analytics",
      summary: report.question,
      query: report.query.extend({ format, ...pageParameters }),
      response: z.array(report.row),
      alternativeResponses: [CSV],
    },
    async ({ query: asked, c, db }) => {
      const { format: wanted, limit, cursor, ...query } = asked as Asked;
      if (wantsCsv(c, wanted)) return csvFile(report.kind, await csvOf(report, db, query));
      return asList(list(await report.page(db, query, cursor, limit), c.req.url));
    },
  );
}

import { z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { pageParameters } from "../../http/paging.ts";
import { list } from "../../http/response.ts";
import type { Report } from "./report.ts";
import { csvOf } from "./report-file.ts";
import { REPORTS } from "./reports.ts";

const JSON_TYPE = "application/json";
const CSV = "text/csv";

const format = z
  .enum(["json", "csv"])
  .optional()
  .describe("`csv`: all rows as a file, whatever `limit`; also by `Accept: text/csv`");

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
      const { format, limit, cursor, ...query } = asked as Asked;
      const wanted =
        format === undefined
          ? accepts(c, { header: "Accept", supports: [JSON_TYPE, CSV], default: JSON_TYPE })
          : format;
      if (wanted !== "csv" && wanted !== CSV) {
        const response = list(await report.page(db, query, cursor, limit), c.req.url);
        return { ...response, headers: { ...response.headers, Vary: "Accept" } };
      }
      const headers = {
        "Content-Type": `${CSV}; charset=utf-8`,
        "Content-Disposition": `attachment; filename="${report.kind}.csv"`,
        Vary: "Accept",
      };
      return { status: 200, bytes: await csvOf(report, db, query), headers };
    },
  );
}

import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { isLimited, readerOf } from "../../auth/limits.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { queryFlag } from "../../http/fields.ts";
import { DELIMITERS } from "../../tables/text-format.ts";
import { exportCsv, type ExportKind } from "./export-kind.ts";
import { exportKinds } from "./kinds.ts";

const CSV = "text/csv";

const style = {
  delimiter: z.enum(["comma", "semicolon", "tab"]).default("comma").describe("what parts the cells"),
  encoding: z
    .enum(["utf-8", "utf-16le"])
    .default("utf-8")
    .describe("imports recognise it; windows-1252 is not offered: it has not every letter"),
  byte_order_mark: queryFlag
    .optional()
    .describe("true: begins with one, by which spreadsheets know UTF-8; UTF-16 always does"),
};

/** Lists as files. What can be imported comes back as it was; limits and roles are those of the lists. */
export function registerExports(endpoints: Endpoints, pool: Pool): void {
  for (const kind of exportKinds(pool)) registerExport(endpoints, pool, kind);
}

function registerExport(endpoints: Endpoints, pool: Pool, kind: ExportKind): void {
  const { name, access, tag, summary, filters } = kind;
  endpoints.custom(
    {
      route: `GET /exports/${name}.csv`,
      access,
      tag,
      summary,
      query: filters.extend(style),
      response: z.string(),
      responseType: CSV,
    },
    async ({ query, principal, c }) => {
      const { delimiter, encoding, byte_order_mark: hasMark, ...given } = query as z.output<z.ZodObject<typeof style>>;
      const source = { db: readerOf(pool, principal), isLimited: isLimited(principal.limits) };
      const isWide = encoding === "utf-16le";
      const lines = exportCsv(kind, source, given, {
        delimiter: DELIMITERS[delimiter] as "," | ";" | "\t",
        encoding: isWide ? "utf16le" : "utf8",
        byteOrderMark: isWide || hasMark === true,
      });
      return c.body(ReadableStream.from(await begun(lines)) as globalThis.ReadableStream, 200, {
        "Content-Type": `${CSV}; charset=${encoding}`,
        "Content-Disposition": `attachment; filename="${name}.csv"`,
        "Cache-Control": "private, no-store",
      });
    },
  );
}

/** Reads the beginning before the status is sent: what is wrong with a filter is then still an answer. */
async function begun(lines: AsyncGenerator<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
  const first = [await lines.next(), await lines.next()];
  return (async function* () {
    for (const each of first) if (!each.done) yield each.value;
    yield* lines;
  })();
}

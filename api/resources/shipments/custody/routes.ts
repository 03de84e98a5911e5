import { z } from "@hono/zod-openapi";
import type { Pool } from "pg";
import { AUDITING, SIGNED_IN } from "../../../auth/roles.ts";
import type { Tokens } from "../../../auth/tokens.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { idParams } from "../../../http/fields.ts";
import { decodeCursor, pageOf, pageParameters } from "../../../http/paging.ts";
import { Problem } from "../../../http/problem.ts";
import { list } from "../../../http/response.ts";
import { getShipment } from "../queries.ts";
import { checkCustody, entryOf, signedCustody } from "./export.ts";
import { listCustody } from "./queries.ts";
import { custodyCheck, custodyEntry } from "./schema.ts";

const tag = "Shipments";
const JOSE = "application/jose";

const custodyQuery = z.strictObject({
  format: z
    .enum(["json", "signed"])
    .default("json")
    .describe(
      "`signed`: the whole log as a JSON Web Signature under a key of `/.well-known/jwks.json`, for manager, auditor and admin; `docs/verify-custody.mjs` checks it offline",
    ),
  ...pageParameters,
});
const custodyCursor = z.tuple([z.number().int()]);

interface Stores {
  pool: Pool;
  tokens: Tokens;
  /** who signs */
  issuer: string;
}

/** In whose hands a shipment was: an append-only log, chained by hashes. */
export function registerCustody(endpoints: Endpoints, { pool, tokens, issuer }: Stores): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/custody",
      access: SIGNED_IN,
      tag,
      summary: "List its custody log, oldest first, or get it signed",
      params: idParams,
      query: custodyQuery,
      response: z.array(custodyEntry),
      alternativeResponses: [JOSE],
      problems: { 403: "`format=signed` is for manager, auditor and admin" },
    },
    async ({ params, query: { format, limit, cursor }, principal, c, db }) => {
      const shipment = await getShipment(db, params.id);
      if (format === "signed") {
        if (!AUDITING.includes(principal.role))
          throw new Problem(403, `a signed export needs one of the roles ${AUDITING.join(", ")}`);
        const name = `custody-${shipment.tracking_number}.jws`;
        const headers = {
          "Content-Type": JOSE,
          "Content-Disposition": `attachment; filename="${name}"`,
          "Cache-Control": "private, no-store",
        };
        return { status: 200, text: await signedCustody(db, { tokens, issuer }, shipment), headers };
      }
      const [after = 0] = decodeCursor(cursor, custodyCursor) ?? [];
      const rows = await listCustody(db, params.id, after, limit + 1);
      const page = pageOf(rows, limit, ({ position }) => [position]);
      return list({ ...page, rows: page.rows.map(entryOf) }, c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /shipments/{id}/custody/check",
      access: SIGNED_IN,
      tag,
      summary: "Compare its custody log with the chain of its hashes",
      params: idParams,
      response: custodyCheck,
    },
    async ({ params, db }) => {
      await getShipment(db, params.id);
      return { status: 200, body: await checkCustody(pool, params.id) };
    },
  );
}

import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { leaveLimits, type Reader } from "../../../auth/limits.ts";
import { MANAGEMENT } from "../../../auth/roles.ts";
import type { Endpoints } from "../../../http/endpoint.ts";
import { timestamp } from "../../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../../http/paging.ts";
import { found, Problem } from "../../../http/problem.ts";
import { list } from "../../../http/response.ts";
import { EPCIS_PROBLEMS } from "../../../resources/epcis/headers.ts";
import { isAboutContent, takeAgain } from "./take.ts";

const tag = "EPCIS";

/** Ids of captured events are `bigint`. */
const params = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .openapi({ type: "integer", param: { name: "id", in: "path" } }),
});

const meaning = z
  .object({
    id: z.number().int(),
    event_id: z.string(),
    event_type: z.string(),
    biz_step: z.string().nullable(),
    event_time: timestamp,
    captured_at: timestamp,
    things: z.array(z.string()).describe("what it is about"),
    state: z.enum(["taken", "unmatched"]),
    problem: z.string().nullable().describe("why nothing follows from it"),
  })
  .openapi("CapturedMeaning");
type Meaning = z.output<typeof meaning>;

const MEANING = `SELECT m.position::float8 AS id, m.event_id, e.type AS event_type, e.biz_step, e.event_time, e.record_time AS captured_at,
    ARRAY(SELECT thing FROM epcis_meaning_things t WHERE t.position = m.position ORDER BY thing LIMIT 20) AS things, m.state, m.problem
  FROM epcis_meanings m JOIN epcis_events e ON e.position = m.position`;

async function listUnmatched(db: Reader, before: number | undefined, limit: number): Promise<Meaning[]> {
  const { rows } = await db.query<Meaning>({
    name: "epcis_unmatched",
    text: `${MEANING} WHERE m.state = 'unmatched' AND m.position < $1 ORDER BY m.position DESC LIMIT $2`,
    values: [before ?? Number.MAX_SAFE_INTEGER, limit],
  });
  return rows;
}

async function findMeaning(client: PoolClient, id: number): Promise<Meaning | undefined> {
  const { rows } = await client.query<Meaning>(`${MEANING} WHERE m.position = $1`, [id]);
  return rows[0];
}

/** Captured events from which nothing follows. */
export function registerEpcisMeaning(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.read(
    {
      route: "GET /epcis/unmatched",
      access: MANAGEMENT,
      tag,
      summary: "List captured events that could not be matched, with the reason, newest first",
      query: z.strictObject(pageParameters),
      response: z.array(meaning),
      problems: EPCIS_PROBLEMS,
    },
    async ({ query: { cursor, limit }, c, db }) =>
      list(pageById(await listUnmatched(db, idAfter(cursor), limit + 1), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /epcis/unmatched/{id}/retry",
      access: MANAGEMENT,
      tag,
      summary: "Look again at a captured event, e.g. after its place was given its GLN",
      params,
      response: meaning,
      problems: EPCIS_PROBLEMS,
    },
    async ({ params: { id } }, client) => {
      found(await findMeaning(client, id), "captured event");
      await leaveLimits(client);
      try {
        await takeAgain(client, [id], companyPrefix);
      } catch (error) {
        throw isAboutContent(error) ? new Problem(409, `this event cannot be interpreted: ${error.message}`) : error;
      }
      return { status: 200, body: await findMeaning(client, id) };
    },
  );
}

import pg from "pg";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { addClient, tokenOfClient } from "../api/auth/client-support.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { type ExplainedStatement, explainStatements } from "../support/explained.ts";
import { expectFewRows } from "../support/few-rows.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 1_200_000 });

const EVENTS = process.env["LONG"] === "1" ? 1_000_000 : 100_000;
const MAX_ROWS_READ = EVENTS / 20;
/** Of a tree of locations, some for one client. */
const PLACES = 1_000;

let api: TestApi;
let explained: ExplainedStatement[];
const tokens = new Map<string, string>();

/** A year of events at a thousand places: half a million pallets, each packed and received. */
async function fill(databaseUrl: string): Promise<void> {
  const url = new URL(inject("postgresAdminUrl"));
  url.pathname = new URL(databaseUrl).pathname;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query(`INSERT INTO locations (name) SELECT 'place ' || n FROM generate_series(1, ${PLACES}) n`);
    // What a trigger would add row by row is added at once.
    await client.query(`SET session_replication_role = replica;
      INSERT INTO epcis_events (position, event_id, hash_id, type, action, event_time, time_zone_offset, record_time, biz_step, disposition,
        set_dispositions, unset_dispositions, read_point, biz_location, epcs, parent_id, input_epcs, output_epcs, any_epcs, epc_classes,
        input_classes, output_classes, any_classes, biz_transactions, sources, destinations, corrective_ids, canonical, body, context, source,
        location_id)
      SELECT n, 'urn:example:' || n, 'ni:' || n, CASE WHEN n % 2 = 0 THEN 'ObjectEvent' ELSE 'AggregationEvent' END, 'OBSERVE',
        at, '+00:00', at + interval '1 minute', 'https://ref.gs1.org/cbv/BizStep-' || CASE WHEN n % 1000 = 0 THEN 'inspecting' WHEN n % 2 = 0 THEN 'receiving' ELSE 'packing' END,
        'https://ref.gs1.org/cbv/Disp-in_progress', '{}', '{}', place, place, ARRAY[epc], NULL, '{}', '{}', ARRAY[epc], '{}', '{}', '{}', '{}',
        ARRAY['https://ref.gs1.org/cbv/BTT-po https://example.com/po/' || n / 10], '{}', '{}', '{}',
        jsonb_build_object('type', 'ObjectEvent', 'epcList', jsonb_build_array(epc), 'https://ns.example.com/batch', n % 100),
        '{"type": "ObjectEvent", "eventTime": "2026-01-01T00:00:00Z", "eventTimeZoneOffset": "+00:00"}', '[]', 'captured', 1 + n % ${PLACES}
      FROM generate_series(1, ${EVENTS}) n, LATERAL (SELECT now() - (${EVENTS} - n) * interval '365 days' / ${EVENTS} AS at,
        'https://id.gs1.org/00/' || lpad((n / 2)::text, 18, '0') AS epc, 'https://id.gs1.org/414/' || lpad((1 + n % ${PLACES})::text, 13, '0') AS place) AS more;
      INSERT INTO epcis_terms SELECT DISTINCT kind, value, location_id, 0 FROM epcis_events e, LATERAL (
        SELECT 'epc' AS kind, unnest(e.any_epcs) AS value UNION ALL VALUES ('bizStep', e.biz_step), ('readPoint', e.read_point), ('bizLocation', e.biz_location)) AS t;
      SELECT setval('epcis_positions', ${EVENTS});
      SET session_replication_role = DEFAULT`);
    await client.query("VACUUM ANALYZE epcis_events, epcis_terms, locations");
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  api = await startApi();
  explained = explainStatements(api.db.pool, { withQueries: true });
  await fill(api.db.url);
  tokens.set("an administrator", await api.tokenOf("admin"));
  const admin = await api.as("admin");
  const client = await addClient(admin, { name: "three", role: "manager", location_ids: [5, 6, 7] });
  tokens.set("a client of three places", await tokenOfClient(api, client));
});
afterAll(() => api?.close());

const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString();
const PALLET = `https://id.gs1.org/00/${"77".padStart(18, "0")}`;
const REQUESTS: readonly string[] = [
  "/epcis/events",
  `/epcis/events?MATCH_epc=${PALLET}`,
  `/epcis/events?MATCH_anyEPC=${PALLET}&orderBy=eventTime`,
  "/epcis/events?MATCH_epc=https://id.gs1.org/00/00000000000000077*",
  "/epcis/events?MATCH_epc=https://id.gs1.org/00/999*",
  "/epcis/events?EQ_bizStep=receiving",
  "/epcis/events?EQ_bizStep=inspecting",
  "/epcis/events?EQ_bizStep=inspecting&orderBy=recordTime",
  "/epcis/events?EQ_bizStep=shipping",
  `/epcis/events?GE_eventTime=${day(2)}&LT_eventTime=${day(1)}`,
  `/epcis/events?GE_eventTime=${day(2)}&LT_eventTime=${day(1)}&EQ_bizStep=packing&orderBy=eventTime`,
  `/epcis/events?GE_recordTime=${day(1)}`,
  `/epcis/events?LT_recordTime=${day(364)}&orderBy=recordTime`,
  "/epcis/events?orderBy=eventTime",
  "/epcis/events?orderBy=eventTime&orderDirection=ASC&eventCountLimit=1",
  "/epcis/events?EQ_eventID=urn:example:777",
  "/epcis/events?EQ_bizTransaction_po=https://example.com/po/777",
  "/epcis/events?EQ_readPoint=https://id.gs1.org/414/0000000000006&orderBy=recordTime",
  "/epcis/events?EXISTS_errorDeclaration=",
  "/epcis/events?eventType=TransformationEvent",
  "/epcis/events?EQ_disposition=damaged",
  "/epcis/events?EQ_https://ns.example.com/batch=7",
  `/epcis/epcs/${encodeURIComponent(PALLET)}/events`,
  "/epcis/epcs",
  "/epcis/bizSteps",
  "/epcis/readPoints",
];

test("common queries read few events, by indexes, whoever asks", async () => {
  for (const [who, token] of tokens) {
    for (const request of REQUESTS) {
      explained.length = 0;
      const where = `${who}: GET ${request}`;
      const headers = { Authorization: `Bearer ${token}` };
      const { status } = await api.app.request(request.replaceAll("+", "%2B"), { headers });
      // A pallet at other places does not exist for the client.
      expect([200, who === "an administrator" ? 200 : 404], where).toContain(status);
      expectFewRows(explained, where, MAX_ROWS_READ);
    }
  }
});

test("the last page is as quick as the first", async () => {
  const headers = { Authorization: `Bearer ${tokens.get("an administrator")}` };
  for (const order of ["", "&orderBy=eventTime", "&orderBy=recordTime&orderDirection=ASC"]) {
    const first = await api.app.request(`/epcis/events?perPage=1000${order}`, { headers });
    let next: string | undefined = /^<(.+)>/.exec(first.headers.get("Link")!)![1];
    for (let page = 0; page < 5; page += 1) {
      explained.length = 0;
      const answer: Response = await api.app.request(next!, { headers });
      next = /^<(.+)>/.exec(answer.headers.get("Link") ?? "")?.[1];
      const read = explained.flatMap(({ reads }) => reads).reduce((sum, { rows }) => sum + rows, 0);
      expect(read, `${order} page ${page}`).toBeLessThan(3_000);
    }
  }
});

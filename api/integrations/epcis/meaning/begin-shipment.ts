import type { PoolClient } from "pg";
import type { Goods, Statement } from "../../../../ingest/domain/epcis/captured.ts";
import type { FactData } from "../../../../ingest/domain/fact.ts";
import { epcsOfSscc, parseSscc } from "../../../../ingest/domain/gs1/sscc.ts";
import { statusAtRest } from "../../../../ingest/domain/place.ts";
import { insertRow } from "../../../http/rows.ts";
import { goodsOf, insertLines } from "../../../resources/shipments/lines.ts";
import { bindTag } from "../../../resources/shipments/queries.ts";
import { nextTrackingNumber } from "../../../resources/shipments/tracking-number.ts";
import type { KnownThings } from "./known.ts";

const COLUMNS = [
  "tracking_number",
  "product_name",
  "item_id",
  "quantity",
  "line_count",
  "status",
  "stage",
  "stage_since",
  "location_id",
  "origin_id",
  "destination_id",
  "created_at",
];

/** The row of a shipment that captured events have begun; what it becomes, its facts say. @returns its id */
export async function beginShipment(
  client: PoolClient,
  { thing, uris, statements }: { thing: string; uris: readonly string[]; statements: readonly Statement[] },
  beginning: FactData["created"] & { at: number },
  things: KnownThings,
  companyPrefix: string | undefined,
): Promise<number> {
  const { stage, locationId } = beginning;
  const at = new Date(beginning.at);
  const ssccs = uris.flatMap((uri) => {
    const named = things.meant(uri);
    return named.kind === "sscc" ? [named.sscc] : [];
  });
  const { lines, ...goods } = await goodsOf(client, {
    lines: await linesOf(client, thing, statements, things),
  } as never);
  const destination = statements
    .map((statement) => things.location(statement.destination))
    .find((id) => id !== undefined);
  const row = {
    ...goods,
    tracking_number: ssccs[0] ?? (await nextTrackingNumber(client, companyPrefix)),
    status: statusAtRest(stage, locationId !== null && locationId === destination),
    stage,
    stage_since: at,
    location_id: locationId,
    origin_id: locationId,
    destination_id: destination,
    created_at: at,
  };
  const id = await insertRow(client, "shipments", row, COLUMNS);
  await insertLines(client, id, lines);
  await client.query("INSERT INTO epcis_shipments (thing, shipment_id) VALUES ($1, $2)", [thing, id]);
  // A Digital Link does not say how long the company prefix is: then its tag may have any of these EPCs.
  const known = uris.flatMap((uri) => parseSscc(uri, companyPrefix)?.epc ?? []);
  const epcs = new Set(known.length > 0 ? known : ssccs.flatMap(epcsOfSscc));
  for (const epc of epcs) await bindTag(client, id, epc);
  return id;
}

interface Line {
  item_id?: number;
  product_name?: string;
  quantity: number;
}

/** Products that we know, else what their sender calls them; when nothing is said of the goods, one of what it is. */
async function linesOf(
  client: PoolClient,
  thing: string,
  statements: readonly Statement[],
  known: KnownThings,
): Promise<Line[]> {
  const goods = statements.flatMap((statement) => statement.goods);
  const classes = uniqueBy(goods.filter(({ uri }) => uri !== null));
  const items: (number | undefined)[] = [];
  for (const { uri } of classes) items.push(await itemOf(client, uri!, known));
  const named = uniqueBy(goods.filter(({ name }) => name !== null));
  if (classes.length > 0 && classes.length >= named.length && items.every((id) => id !== undefined))
    return classes.map(({ quantity }, at) => ({ item_id: items[at]!, quantity }));
  if (named.length > 0) return named.map(({ name, quantity }) => ({ product_name: name!, quantity }));
  return [{ product_name: thing.slice(-200), quantity: 1 }];
}

/** Several events may state the same goods. */
function uniqueBy(goods: readonly Goods[]): Goods[] {
  return [...new Map(goods.map((each) => [JSON.stringify([each.name, each.uri]), each])).values()];
}

async function itemOf(client: PoolClient, uri: string, known: KnownThings): Promise<number | undefined> {
  const named = known.meant(uri);
  const gtin = /\/01\/(\d{14})(?:\/|$)/.exec(uri)?.[1];
  if (gtin === undefined && named.kind !== "item") return undefined;
  const { rows } = await client.query<{ id: number }>(
    "SELECT id FROM items WHERE lpad(gtin, 14, '0') = $1 OR id = $2 ORDER BY id LIMIT 1",
    [gtin ?? null, named.kind === "item" ? named.id : null],
  );
  return rows[0]?.id;
}

import type { PoolClient } from "pg";
import type { z } from "zod";
import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import type { SeriesReader } from "../readings/series.ts";
import { nextTrackingNumber } from "../shipments/tracking-number.ts";
import type { StoredOrder } from "./queries.ts";
import { assertOutbound, lineOf } from "./reserve.ts";
import type { OrderUnit, packing } from "./schema.ts";
import { type UnitWeightColumns, weighUnit } from "./weigh-unit.ts";

/** What packing needs to know of the platform. */
export interface PackingTools {
  series: SeriesReader;
  companyPrefix: string | undefined;
}

/**
 * Packs what was picked into boxes or pallets, by default all into one. With a company prefix each gets an SSCC, if none was
 * scanned. One that is weighed has to weigh what its contents do. The row of the order is locked.
 * @throws Problem 409 when more is packed than was picked, or when a weight differs
 */
export async function packOrder(
  client: PoolClient,
  order: StoredOrder,
  { units }: z.output<typeof packing>,
  { series, companyPrefix }: PackingTools,
): Promise<void> {
  assertOutbound(order, "pack");
  const rest = new Map(order.lines.map(({ line, picked, packed }) => [line, picked - packed]));
  const all = [...rest].flatMap(([line, quantity]) => (quantity > 0 ? [{ line, quantity }] : []));
  if (all.length === 0) throw new Problem(409, "nothing that was picked for this order remains to be packed");
  for (const [at, { sscc, contents = all, weight }] of (units ?? [{}]).entries()) {
    for (const [index, { line, quantity }] of contents.entries()) {
      lineOf(order, line, `/units/${at}/contents/${index}/line`);
      if (quantity > rest.get(line)!) {
        throw new Problem(409, `only ${rest.get(line)!} of line ${line} were picked and not packed yet`);
      }
      rest.set(line, rest.get(line)! - quantity);
    }
    const named = contents.map((each) => ({ ...each, item_id: lineOf(order, each.line, "/units").item_id }));
    const unit = { name: `unit ${at + 1}`, pointer: `/units/${at}/weight` };
    const weighed = await weighUnit(client, series, named, weight, unit);
    const number = await numberOf(client, sscc, `/units/${at}/sscc`, companyPrefix);
    await addUnit(client, { order_id: order.id, sscc: number, contents: named, ...weighed });
  }
  const isPacked = order.lines.every(({ line, quantity, picked, cancelled }) => {
    return rest.get(line) === 0 && picked + cancelled >= quantity;
  });
  const status = isPacked && order.status === "picking" ? "packed" : order.status;
  await updateRow(client, "orders", order.id, { status }, ["status"]);
}

interface NewUnit extends UnitWeightColumns {
  order_id: number;
  sscc: string | null;
  contents: OrderUnit["contents"];
}

async function addUnit(client: PoolClient, unit: NewUnit): Promise<void> {
  await insertRow(client, "order_units", { ...unit }, Object.keys(unit));
  for (const { line, quantity } of unit.contents) {
    await client.query("UPDATE order_lines SET packed = packed + $3 WHERE order_id = $1 AND line = $2", [
      unit.order_id,
      line,
      quantity,
    ]);
  }
}

/** The SSCC that was scanned, or a new one. @throws Problem 400 for what is none, 409 for that of a unit that is packed already */
async function numberOf(
  client: PoolClient,
  text: string | undefined,
  pointer: string,
  companyPrefix: string | undefined,
): Promise<string | null> {
  if (text === undefined) {
    return companyPrefix === undefined ? null : nextTrackingNumber(client, companyPrefix);
  }
  const unit = parseSscc(text, companyPrefix);
  if (!unit) throw invalid(pointer, "expected an SSCC: 18 digits with a valid check digit, or its EPC");
  const { rowCount } = await client.query("SELECT FROM order_units WHERE sscc = $1 AND shipment_id IS NULL", [
    unit.sscc,
  ]);
  if (rowCount !== 0) throw new Problem(409, `there is a unit ${unit.sscc} already`);
  return unit.sscc;
}

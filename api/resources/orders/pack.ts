import type { PoolClient } from "pg";
import type { z } from "zod";
import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { nextTrackingSerial } from "../shipments/queries.ts";
import { trackingNumber } from "../shipments/tracking-number.ts";
import type { StoredOrder } from "./queries.ts";
import { assertOutbound, lineOf } from "./reserve.ts";
import type { packing } from "./schema.ts";

/**
 * Packs what was picked into boxes or pallets, by default all into one. With a company prefix each gets an SSCC, if none was
 * scanned. The row of the order is locked.
 * @throws Problem 409 when more is packed than was picked
 */
export async function packOrder(
  client: PoolClient,
  order: StoredOrder,
  { units }: z.output<typeof packing>,
  companyPrefix: string | undefined,
): Promise<void> {
  assertOutbound(order, "pack");
  const rest = new Map(order.lines.map(({ line, picked, packed }) => [line, picked - packed]));
  const all = [...rest].flatMap(([line, quantity]) => (quantity > 0 ? [{ line, quantity }] : []));
  if (all.length === 0) throw new Problem(409, "nothing that was picked for this order remains to be packed");
  for (const [at, { sscc, contents = all }] of (units ?? [{}]).entries()) {
    for (const [index, { line, quantity }] of contents.entries()) {
      lineOf(order, line, `/units/${at}/contents/${index}/line`);
      if (quantity > rest.get(line)!) {
        throw new Problem(409, `only ${rest.get(line)!} of line ${line} were picked and not packed yet`);
      }
      rest.set(line, rest.get(line)! - quantity);
    }
    await addUnit(client, order, await numberOf(client, sscc, `/units/${at}/sscc`, companyPrefix), contents);
  }
  const isPacked = order.lines.every(({ line, quantity, picked, cancelled }) => {
    return rest.get(line) === 0 && picked + cancelled >= quantity;
  });
  const status = isPacked && order.status === "picking" ? "packed" : order.status;
  await updateRow(client, "orders", order.id, { status }, ["status"]);
}

async function addUnit(
  client: PoolClient,
  order: StoredOrder,
  sscc: string | null,
  contents: readonly { line: number; quantity: number }[],
): Promise<void> {
  const named = contents.map((each) => ({ ...each, item_id: lineOf(order, each.line, "/units").item_id }));
  await insertRow(client, "order_units", { order_id: order.id, sscc, contents: named }, [
    "order_id",
    "sscc",
    "contents",
  ]);
  for (const { line, quantity } of contents) {
    await client.query("UPDATE order_lines SET packed = packed + $3 WHERE order_id = $1 AND line = $2", [
      order.id,
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
    return companyPrefix === undefined ? null : trackingNumber(await nextTrackingSerial(client), companyPrefix);
  }
  const unit = parseSscc(text, companyPrefix);
  if (!unit) throw invalid(pointer, "expected an SSCC: 18 digits with a valid check digit, or its EPC");
  const { rowCount } = await client.query("SELECT FROM order_units WHERE sscc = $1 AND shipment_id IS NULL", [
    unit.sscc,
  ]);
  if (rowCount !== 0) throw new Problem(409, `there is a unit ${unit.sscc} already`);
  return unit.sscc;
}

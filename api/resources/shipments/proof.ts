import type { PoolClient } from "pg";
import type { z } from "zod";
import type { FactData } from "../../../ingest/domain/fact.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { getShipment } from "./queries.ts";
import type { proofOfDelivery } from "./schema.ts";

type Proof = z.output<typeof proofOfDelivery>;

/**
 * What a proof of delivery states, as its fact keeps it: what of each line was taken, and the photos and signatures with their hashes,
 * so that the fact says which content it was about.
 * @throws Problem 400 for lines and attachments that this shipment does not have
 */
export async function proofData(client: PoolClient, shipmentId: number, body: Proof): Promise<FactData["proof"]> {
  const { name, note, outcome, reason } = body;
  const lines = body.lines && (await takenOf(client, shipmentId, body.lines, outcome));
  const attachments = body.attachment_ids && (await attachmentsOf(client, shipmentId, body.attachment_ids));
  return {
    name,
    note: note ?? null,
    outcome,
    ...(reason !== undefined && { reason }),
    ...(lines && { lines }),
    ...(attachments && { attachments }),
  };
}

async function takenOf(
  client: PoolClient,
  shipmentId: number,
  taken: NonNullable<Proof["lines"]>,
  outcome: Proof["outcome"],
): Promise<FactData["proof"]["lines"]> {
  if (outcome !== "partly") throw invalid("/lines", "lines are only for the outcome partly");
  const { lines } = await getShipment(client, shipmentId);
  const seen = new Set<number>();
  const stated = taken.map(({ line, quantity }, at) => {
    const of = lines.find((each) => each.line === line);
    if (of === undefined) throw invalid(`/lines/${at}/line`, `this shipment has no line ${line}`);
    if (seen.has(line)) throw invalid(`/lines/${at}/line`, `line ${line} is named twice`);
    seen.add(line);
    if (quantity > of.quantity)
      throw invalid(`/lines/${at}/quantity`, `line ${line} has ${of.quantity}: no more can be taken`);
    return { line, itemId: of.item_id, quantity };
  });
  if (stated.every(({ quantity }) => quantity === 0))
    throw invalid("/lines", "no line has a quantity above 0: if nothing was taken, the outcome is refused");
  return stated;
}

async function attachmentsOf(
  client: PoolClient,
  shipmentId: number,
  ids: readonly number[],
): Promise<FactData["proof"]["attachments"]> {
  const { rows } = await client.query<{ id: number; kind: string; sha256: string }>(
    `SELECT id, kind, encode(sha256, 'hex') AS sha256 FROM attachments WHERE shipment_id = $1 AND id = ANY($2::int[])
    ORDER BY id FOR KEY SHARE`,
    [shipmentId, ids],
  );
  const unknown = ids.findIndex((id) => !rows.some((row) => row.id === id));
  if (unknown !== -1) throw invalid(`/attachment_ids/${unknown}`, "this shipment has no attachment with this id");
  return rows;
}

/** What a proof of delivery names stays. @throws Problem 409 */
export async function assertNoProof(client: PoolClient, shipmentId: number, attachmentId: number): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM facts WHERE subject = 'shipment:' || $1::int AND type = 'proof' AND data -> 'attachments' @> $2::jsonb LIMIT 1`,
    [shipmentId, JSON.stringify([{ id: attachmentId }])],
  );
  if (rowCount !== 0)
    throw new Problem(409, "the attachment belongs to a signed proof of delivery and cannot be removed");
}

import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import type { PoolClient } from "pg";
import { recordFacts } from "../../http/record-facts.ts";
import type { NewFact, Subject } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import type { ApiEnv } from "../../deps.ts";
import { parseEtags } from "../../http/etag.ts";
import { checkIfMatch } from "../../http/preconditions.ts";
import { notFound } from "../../http/problem.ts";
import { readVersion } from "../../http/rows.ts";

/** The common fields of facts that a person reports about a shipment. */
export function personFact(principal: Principal, shipmentId: number, at: Date) {
  return {
    key: `person:${randomUUID()}`,
    subject: `shipment:${shipmentId}` as const,
    at: at.getTime(),
    rule: "person",
    ...reporterOf(principal),
    confidence: 1,
  };
}

/**
 * Records facts of an existing shipment and folds it again. `before` runs first, to change columns the fold reads. `alsoRefold`: what else to fold.
 * @throws Problem 404, or 412 when If-Match does not name its version
 */
export async function recordForShipment(
  c: Context<ApiEnv>,
  client: PoolClient,
  id: number,
  facts: readonly NewFact[],
  before?: () => Promise<void>,
  alsoRefold: readonly Subject[] = [],
): Promise<void> {
  const version = await readVersion(client, "shipments", id);
  if (version === undefined) throw notFound("shipment");
  checkIfMatch(c, version);
  await before?.();
  const subject: Subject = `shipment:${id}`;
  const conditional = parseEtags(c.req.header("If-Match")) !== undefined;
  await recordFacts(client, {
    facts,
    refold: [subject, ...alsoRefold],
    ...(conditional && { expected: new Map([[subject, version]]) }),
  });
}

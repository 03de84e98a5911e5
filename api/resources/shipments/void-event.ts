import { randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import type { Recording } from "../../../ingest/decisions/record-facts.ts";
import { leaveLimits } from "../../auth/limits.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import { found, Problem } from "../../http/problem.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { type HistoryEvent, shipmentEvents } from "./events.ts";
import { findVoidedBy } from "./history-queries.ts";
import { getShipment } from "./queries.ts";

export interface Voiding {
  shipmentId: number;
  eventId: number;
  reason: string;
}

/** The reason why an event is void; null: it is not. For the audit. */
export async function readVoided(client: Pool | PoolClient, shipmentId: number, eventId: number) {
  const { rows } = await client.query<{ reason: string }>(
    `SELECT v.data ->> 'reason' AS reason FROM facts f JOIN facts v ON v.id = f.voided_by WHERE f.id = $1`,
    [eventId],
  );
  const shipment = await getShipment(client, shipmentId);
  return { ...shipment, event: { id: eventId, void_because: rows[0]?.reason ?? null } };
}

/**
 * Records that the fact behind an event is wrong; of a void, that what it has taken away holds after all. Everything that the fact
 * concerns is folded again.
 * @throws Problem 404 for what is no event of this shipment, 409 for what cannot be void
 */
export async function voidEvent(client: PoolClient, principal: Principal, voiding: Voiding): Promise<void> {
  const { shipmentId, eventId } = voiding;
  const shipment = await getShipment(client, shipmentId);
  // One after the other: two voids at once must not both find the fact standing.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock voids'), $1)", [shipmentId]);
  await leaveLimits(client);
  const events = await shipmentEvents(client, shipment);
  const event = found(
    events.find(({ fact }) => fact.id === eventId),
    "event of this shipment",
  );
  const recording =
    event.fact.type === "void"
      ? await restoring(client, principal, voiding, event, events)
      : voidingOf(principal, voiding, event);
  await recordFacts(client, recording);
}

function voidingOf(principal: Principal, { shipmentId, reason }: Voiding, { fact, voidedBy }: HistoryEvent): Recording {
  if (voidedBy !== null) throw new Problem(409, `this event is void already, by event ${voidedBy.id}`);
  if (fact.type === "created")
    throw new Problem(409, "this event began the shipment: set its status to cancelled instead");
  const by = voidFact(principal, fact.id, { shipmentId, reason, isRestored: false });
  const { key, subject, at } = fact;
  const voided = [{ key, subject, at, by: by.key, reason }];
  return { ...effectsOn(fact, shipmentId), facts: [by], voids: { voided, because: `void: ${reason}` } };
}

async function restoring(
  client: PoolClient,
  principal: Principal,
  { shipmentId, reason }: Voiding,
  { fact: by }: HistoryEvent,
  events: readonly HistoryEvent[],
): Promise<Recording> {
  const { factId, isRestored } = (by as NewFact & { type: "void" }).data;
  if (isRestored) throw new Problem(409, `this event restored event ${factId}: void that one again`);
  const target = events.find(({ voidedBy }) => voidedBy?.id === by.id);
  if (target === undefined) throw new Problem(409, `this void of event ${factId} was taken back already`);
  const { fact } = target;
  const restored = (await findVoidedBy(client, by.id)).map(({ id, key, retracted }) => ({
    key,
    fact: id === fact.id && !retracted ? plain(fact) : undefined,
  }));
  const facts = [voidFact(principal, fact.id, { shipmentId, reason, isRestored: true })];
  return { ...effectsOn(fact, shipmentId), facts, voids: { restored, because: `restored: ${reason}` } };
}

/** What is folded again, and looked at again. */
function effectsOn({ subject }: NewFact, shipmentId: number): Pick<Recording, "refold" | "vehicles"> {
  const vehicle = /^vehicle:(\d+)$/.exec(subject)?.[1];
  return { refold: [subject, `shipment:${shipmentId}`], vehicles: vehicle === undefined ? [] : [Number(vehicle)] };
}

function voidFact(
  principal: Principal,
  factId: number,
  said: { shipmentId: number; reason: string; isRestored: boolean },
): NewFact {
  return {
    key: `void:${randomUUID()}`,
    subject: `fact:${factId}`,
    at: Date.now(),
    type: "void",
    data: { factId, ...said },
    rule: "person",
    ...reporterOf(principal),
    confidence: 1,
  };
}

/** As it was recorded, without what only the history knows of it. */
function plain(recorded: NewFact & { voidedBy?: unknown; recordedAt?: unknown }): NewFact {
  const { voidedBy: _, recordedAt: __, ...fact } = recorded;
  return fact;
}

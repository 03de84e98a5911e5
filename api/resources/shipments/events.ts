import type { FactData, NewFact } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import type { ShipmentState } from "../../../ingest/domain/shipment/state.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Actor, ActorNames } from "../users/actor-names.ts";
import { loadContext, loadVoids, loadWholeHistory, type RecordedFact } from "./history-queries.ts";
import type { ShipmentEventView } from "./history-schema.ts";
import { notesOf } from "./event-notes.ts";

/** A fact of the shipment, with the state after it, and what people have said of it. */
export interface HistoryEvent {
  fact: RecordedFact;
  state: ShipmentState;
  /** the void that holds */
  voidedBy: RecordedFact | null;
}

/**
 * The history of a shipment in the order of time: the events of its fold; what is void, at the time it was said to have happened; and
 * the voids themselves, at the time they were made. `db` must not be limited: a fold needs all facts.
 */
export async function shipmentEvents(
  db: Reader,
  shipment: { id: number; destination_id: number | null },
): Promise<HistoryEvent[]> {
  const [history, context] = [await loadWholeHistory(db, shipment.id), await loadContext(db, shipment)];
  const standing = history.filter(({ voidedBy }) => voidedBy === null);
  const events = foldShipment(standing, context)?.events ?? [];
  if (events.length === 0) return [];
  const voidIds = new Set(history.flatMap(({ voidedBy }) => voidedBy ?? []));
  const voids = await loadVoids(db, shipment.id, [...voidIds]);
  const withoutVoids = events.map(({ fact, state }): HistoryEvent => ({ fact, state, voidedBy: null }));
  if (voids.length === 0) return withoutVoids;

  const byId = new Map(voids.map((fact) => [fact.id, fact]));
  const all = new Set(foldShipment(history, context)?.events.map(({ fact }) => fact.id));
  const own = `shipment:${shipment.id}`;
  const shown = history.filter(
    ({ id, subject, voidedBy }) =>
      voidedBy !== null && (subject === own || all.has(id) || dataOf(byId.get(voidedBy))?.shipmentId === shipment.id),
  );
  const taken = new Map(shown.map(({ id, voidedBy }) => [voidedBy!, id]));
  const made = voids.filter(({ id, data }) => taken.has(id) || (data as FactData["void"]).shipmentId === shipment.id);
  const told = [
    ...shown.map((fact) => ({ fact, voidedBy: byId.get(fact.voidedBy!) ?? null })),
    ...made.map((fact) => ({ fact: naming(fact, taken.get(fact.id)), voidedBy: null })),
  ];
  return insertByTime(withoutVoids, told);
}

/** Each with the state that the shipment was in then. */
function insertByTime(
  events: readonly HistoryEvent[],
  told: readonly Pick<HistoryEvent, "fact" | "voidedBy">[],
): HistoryEvent[] {
  const all = [...events];
  for (const { fact, voidedBy } of told.toSorted((a, b) => a.fact.at - b.fact.at || a.fact.id - b.fact.id)) {
    const after = all.findLastIndex((event) => event.fact.at <= fact.at);
    all.splice(after + 1, 0, { fact, voidedBy, state: all[Math.max(after, 0)]!.state });
  }
  return all;
}

/** Late readings may have put another fact in the stead of the one that a void was said of. */
function naming(fact: RecordedFact, factId: number | undefined): RecordedFact {
  if (fact.type !== "void" || factId === undefined) return fact;
  return { ...fact, data: { ...fact.data, factId } };
}

const dataOf = (fact: NewFact | undefined): FactData["void"] | undefined =>
  fact?.type === "void" ? fact.data : undefined;

/** The people and systems behind events, and behind what was said of them. */
export const actorsOf = (events: readonly HistoryEvent[]): Actor[] =>
  events.flatMap(({ fact, voidedBy }) =>
    [fact, ...(voidedBy === null ? [] : [voidedBy])].flatMap((each) => actorOf(each) ?? []),
  );

function actorOf({ actorId, evidence }: NewFact): Actor | undefined {
  if (typeof actorId === "number") return { kind: "user", id: actorId };
  const client = evidence.find(({ client_id: id }) => id !== undefined)?.client_id;
  return client === undefined ? undefined : { kind: "client", id: client };
}

/** An event as the API shows it. */
export function eventView({ fact, state, voidedBy }: HistoryEvent, names: ActorNames): ShipmentEventView {
  const said = dataOf(fact);
  return {
    id: fact.id,
    at: new Date(fact.at),
    between: intervalOf(fact),
    type: fact.type,
    stage: state.stage,
    status: state.status,
    location_id: placeOf(fact) ?? state.locationId,
    vehicle_id: vehicleOf(fact, voidedBy !== null) ?? state.vehicleId,
    rule: fact.rule,
    evidence: [...fact.evidence, ...notesOf(fact)],
    ...proofOf(fact),
    confidence: fact.confidence,
    actor_id: fact.actorId ?? null,
    actor_name: names(actorOf(fact)) ?? null,
    device_id: fact.deviceId ?? null,
    recorded_at: new Date(fact.recordedAt),
    voided: voidedBy && {
      event_id: voidedBy.id,
      at: new Date(voidedBy.at),
      reason: dataOf(voidedBy)!.reason,
      actor_id: voidedBy.actorId ?? null,
      actor_name: names(actorOf(voidedBy)) ?? null,
    },
    voids: said === undefined ? null : { event_id: said.factId, reason: said.reason, restores: said.isRestored },
  };
}

/** Where a vehicle's crossing or a tag's read happened; other facts happened where the shipment is. */
function placeOf({ data }: NewFact): number | null {
  return "locationId" in data ? data.locationId : null;
}

/** The wrong vehicle, of a loading that is void. */
function vehicleOf({ data }: NewFact, isVoid: boolean): number | null {
  return isVoid && "vehicleId" in data ? (data.vehicleId ?? null) : null;
}

/** When it happened, if nothing was heard for long before it. */
function intervalOf({ data }: NewFact): ShipmentEventView["between"] {
  if (!("between" in data) || data.between === undefined) return null;
  return { from: new Date(data.between.from), to: new Date(data.between.to) };
}

function proofOf(fact: NewFact): Pick<ShipmentEventView, "proof"> {
  if (fact.type !== "proof") return {};
  const { name, outcome = "delivered", reason = null, note, lines, attachments = [] } = fact.data;
  const taken = lines?.map(({ line, quantity }) => ({ line, quantity })) ?? null;
  return { proof: { name, outcome, reason, note, lines: taken, attachments } };
}

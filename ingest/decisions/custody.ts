import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import { changesStage, entriesBetween, type NewEntry, statementsOf, type Telling } from "../domain/custody/log.ts";
import type { VehicleDrivers } from "../domain/custody/drivers.ts";
import { type Milestone, milestonesOf } from "../domain/custody/milestones.ts";
import type { NewFact } from "../domain/fact.ts";
import type { FoldedShipment } from "../domain/shipment/state.ts";
import { type CustodyEnd, loadTellings } from "../stores/queries/custody/tellings.ts";
import type { Write } from "../stores/statement.ts";
import { type CustodyEndRow, type CustodyRow, writeCustody } from "../stores/writes/custody.ts";
import type { FactChanges } from "./fact-changes.ts";

/** What a fold says of custody, where it differs from the log. */
export interface CustodyChange {
  shipmentId: number;
  milestones: Milestone[];
  digest: string;
  /** null: the log begins */
  end: CustodyEnd | null;
}

/** @returns undefined when the log says the same */
export function custodyChange(
  shipmentId: number,
  end: CustodyEnd | null,
  folded: FoldedShipment<NewFact>,
  drivers: VehicleDrivers,
): CustodyChange | undefined {
  const milestones = milestonesOf(folded, drivers);
  const digest = sha256(statementsOf(milestones));
  return digest === end?.digest ? undefined : { shipmentId, milestones, digest, end };
}

/**
 * The entries, and the rows of the outbox, that bring the logs to what is known now. What was told is read only where something has
 * changed, after the versions that guard it.
 */
export async function decideCustody(
  client: Pool | PoolClient,
  changed: readonly CustodyChange[],
  changes: FactChanges,
): Promise<Write[]> {
  if (changed.length === 0) return [];
  const begun = changed.flatMap(({ shipmentId, end }) => (end === null ? [] : [shipmentId]));
  const told = begun.length === 0 ? new Map<number, Telling[]>() : await loadTellings(client, begun);
  const recordedAt = new Date(Date.now()).toISOString();
  const news = new Set(changes.added.map(({ key }) => key));
  const rows: CustodyRow[] = [];
  const ends: CustodyEndRow[] = [];
  for (const change of changed) {
    const entries = entriesBetween(told.get(change.shipmentId) ?? [], change.milestones);
    const linked = link(change, entries, recordedAt, changes.because);
    rows.push(...linked.map((row, index) => ({ ...row, notice: noticeOf(change, entries[index]!, news) })));
    const last = linked.at(-1) ?? { position: change.end?.position ?? 0, hash: change.end?.hash ?? "" };
    ends.push({ shipmentId: change.shipmentId, position: last.position, hash: last.hash, digest: change.digest });
  }
  return writeCustody(rows, ends);
}

/** Gives each entry its place and its hash. */
function link(
  { shipmentId, end }: CustodyChange,
  entries: readonly NewEntry[],
  recordedAt: string,
  because: string | undefined,
): Omit<CustodyRow, "notice">[] {
  let position = end?.position ?? 0;
  let prevHash = end?.hash ?? "";
  return entries.map(({ kind, key, firstPosition, content }) => {
    position += 1;
    const corrects = firstPosition ?? null;
    const reason = kind === "recorded" ? null : (because ?? null);
    const text = JSON.stringify({
      shipment_id: shipmentId,
      position,
      kind,
      corrects,
      recorded_at: recordedAt,
      reason,
      ...content,
    });
    const row = { shipmentId, position, firstPosition: firstPosition ?? position, kind, key, content: text, prevHash };
    const hash = sha256(`${prevHash}\n${text}`);
    prevHash = hash;
    return { ...row, hash };
  });
}

/** A log that begins for a shipment of an earlier version tells nobody of what is long past. */
function noticeOf({ end, milestones }: CustodyChange, entry: NewEntry, news: ReadonlySet<string>): string | null {
  const { kind, key, content, isOfDriver } = entry;
  if (isOfDriver) return null;
  if (end === null && !news.has(key.slice(0, key.lastIndexOf(` ${content.event}`)))) return null;
  if (kind !== "recorded") return "shipment.corrected";
  const before = milestones[milestones.findIndex((milestone) => milestone.key === key) - 1];
  return changesStage(content, before?.content) ? "shipment.stage_changed" : "shipment.moved";
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

import type { Pool, PoolClient } from "pg";
import type { FactChanges } from "./fact-changes.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { foldSerial, type SerialMoves } from "../domain/stock/serial-moves.ts";
import { loadFactsOfSubjects } from "../stores/queries/facts.ts";
import type { Write } from "../stores/statement.ts";
import { type ScannedPieceRow, scannedPieceOf, writeScannedPieces } from "../stores/writes/serials.ts";

/** What scans of serials mean for stock. */
export interface SerialDecision {
  added: NewFact[];
  withdrawn: { key: string; subject: Subject; at: number }[];
  /** of the serials, at which their facts were read: these are the ones to guard */
  versions: Map<Subject, number>;
  /** scans that turn out to repeat another one, and did not before */
  repeats: SerialMoves["repeats"];
  writes: Write[];
}

/** Folds the serials that were scanned, and changes the adjustments of stock to what follows now. */
export async function decideSerials(client: Pool | PoolClient, changes: FactChanges): Promise<SerialDecision> {
  const decision: SerialDecision = { added: [], withdrawn: [], versions: new Map(), repeats: [], writes: [] };
  const subjects = new Set([...changes.added, ...changes.withdrawn].map(({ subject }) => subject).filter(isSerial));
  if (subjects.size === 0) return decision;
  const pieces: ScannedPieceRow[] = [];
  for (const { subject, facts, version } of await loadFactsOfSubjects(client, [...subjects])) {
    decision.versions.set(subject, version);
    const history = new Map(facts.map((fact) => [fact.key, fact]));
    const before = foldSerial([...history.values()]);
    for (const fact of changes.added) if (fact.subject === subject) history.set(fact.key, fact);
    for (const { key } of changes.withdrawn) history.delete(key);
    const after = foldSerial([...history.values()]);
    compare(decision, before, after);
    pieces.push(...scannedPieceOf(subject, after.state));
  }
  decision.writes.push(...writeScannedPieces(pieces));
  return decision;
}

const isSerial = (subject: Subject): boolean => subject.startsWith("serial:");

function compare(decision: SerialDecision, before: SerialMoves, after: SerialMoves): void {
  const known = new Map(before.facts.map((fact) => [fact.key, fact]));
  for (const fact of after.facts) {
    const same = known.get(fact.key);
    known.delete(fact.key);
    if (same === undefined || same.at !== fact.at || JSON.stringify(same.data) !== JSON.stringify(fact.data)) {
      decision.added.push(fact);
    }
  }
  for (const { key, subject, at } of known.values()) decision.withdrawn.push({ key, subject, at });
  const repeated = new Set(before.repeats.map(({ fact }) => fact.key));
  decision.repeats.push(...after.repeats.filter(({ fact }) => !repeated.has(fact.key)));
}

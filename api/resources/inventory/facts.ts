import { randomUUID } from "node:crypto";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";

/**
 * A count by a person. It is the level until a person or the governing sensor counts again, and closes the cycle count that is open for
 * the position.
 * @param note what shows it, e.g. the line of a file
 */
export function countedByPerson(principal: Principal, id: number, quantity: number, note?: string): NewFact {
  const { evidence, ...reporter } = reporterOf(principal);
  return {
    key: `person:${randomUUID()}`,
    subject: `stock:${id}`,
    at: Date.now(),
    type: "counted",
    data: { quantity, source: "person" },
    rule: "person",
    ...reporter,
    evidence: note === undefined ? evidence : [...evidence, { note }],
    confidence: 1,
  };
}

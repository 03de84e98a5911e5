import { randomUUID } from "node:crypto";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";

/**
 * A count by a person. It is the level until a person or the governing sensor counts again, and closes the cycle count that is open for
 * the position.
 * @param more `note`: what shows it, e.g. the line of a file; `askedAt`: when the count was asked for, which is not later than it was
 * counted, whatever the clocks of two machines say
 */
export function countedByPerson(
  principal: Principal,
  id: number,
  quantity: number,
  { note, askedAt }: { note?: string; askedAt?: Date } = {},
): NewFact {
  const { evidence, ...reporter } = reporterOf(principal);
  return {
    key: `person:${randomUUID()}`,
    subject: `stock:${id}`,
    at: Math.max(Date.now(), askedAt?.getTime() ?? 0),
    type: "counted",
    data: { quantity, source: "person" },
    rule: "person",
    ...reporter,
    evidence: note === undefined ? evidence : [...evidence, { note }],
    confidence: 1,
  };
}

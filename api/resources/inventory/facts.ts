import { randomUUID } from "node:crypto";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";

/** A count by a person. It is the level until a person or the governing sensor counts again. */
export function countedByPerson(principal: Principal, id: number, quantity: number): NewFact {
  return {
    key: `person:${randomUUID()}`,
    subject: `stock:${id}`,
    at: Date.now(),
    type: "counted",
    data: { quantity, source: "person" },
    rule: "person",
    ...reporterOf(principal),
    confidence: 1,
  };
}

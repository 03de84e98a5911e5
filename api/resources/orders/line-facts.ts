import { randomUUID } from "node:crypto";
import type { NewFact, StatedLot } from "../../../ingest/domain/fact.ts";
import { type Principal, reporterOf } from "../../auth/principal.ts";
import type { StoredOrder } from "./queries.ts";

/** What a stock position gains (positive) or loses (negative) for a line of an order. */
export interface LineMove {
  order: Pick<StoredOrder, "id" | "kind">;
  line: number;
  stockId: number;
  delta: number;
  /** picked, put back, received */
  reason: string;
  /** epoch milliseconds */
  at: number;
  /** what shows it */
  note?: string | undefined;
  /** of which lots the goods are, as far as that is known */
  lots?: readonly StatedLot[] | undefined;
}

/** What a person or a system says was taken or put for a line. Between our own places it is a transfer: it is no demand. */
export function lineFact(principal: Principal, move: LineMove): NewFact {
  const { order, line, stockId, delta, reason, at, note, lots = [] } = move;
  const { evidence, ...reporter } = reporterOf(principal);
  const name = randomUUID();
  return {
    key: `order:${order.id}:${line}:${name}`,
    subject: `stock:${stockId}`,
    at,
    type: "adjusted",
    data: {
      delta,
      reason,
      orderLine: { orderId: order.id, line },
      ...(lots.length > 0 && { lots }),
      ...(order.kind === "transfer" && { transfer: `order:${name}` }),
    },
    rule: "person",
    ...reporter,
    evidence: [...evidence, { note: `order ${order.id}` }, ...(note === undefined ? [] : [{ note }])],
    confidence: 1,
  };
}

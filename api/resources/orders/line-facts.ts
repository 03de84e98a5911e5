import { randomUUID } from "node:crypto";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { statedLots } from "../../../ingest/domain/stock/serial-moves.ts";
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
  /** of which lot the goods are, and the last day on which that may be used */
  lot?: string | undefined;
  expiry?: string | undefined;
}

/** What a person or a system says was taken or put for a line. Between our own places it is a transfer: it is no demand. */
export function lineFact(principal: Principal, move: LineMove): NewFact {
  const { order, line, stockId, delta, reason, at, note, lot, expiry } = move;
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
      ...statedLots(lot, delta, expiry),
      ...(order.kind === "transfer" && { transfer: `order:${name}` }),
    },
    rule: "person",
    ...reporter,
    evidence: [...evidence, { note: `order ${order.id}` }, ...(note === undefined ? [] : [{ note }])],
    confidence: 1,
  };
}

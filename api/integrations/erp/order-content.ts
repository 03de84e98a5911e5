import type { ErpOrder, SentOrder } from "./adapter.ts";

/** A line of an order there, and the line that it is here. */
export interface LinkedLine {
  /** number of our line */
  line: number;
  lineId: string;
  itemId: string;
  /** id of our item */
  item: number;
  /** in base units */
  pieces: number;
  /** base units in one of the unit of their line */
  factor: number;
}

/** What is kept of an order of the ERP. */
export interface OrderContent extends Record<string, unknown> {
  state: ErpOrder["state"];
  lines: LinkedLine[];
  partnerId: string | null;
  warehouseId: string | null;
}

/** What is kept of an order that was told: its lines are ours, until the ERP has given them ids. */
export interface ReportedOrder extends SentOrder {
  lines: (SentOrder["lines"][number] & Omit<LinkedLine, "lineId">)[];
}

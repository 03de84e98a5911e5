import type { PoolClient } from "pg";
import type { OutboundEvent } from "../event.ts";

/** A row of the outbox: a record of which somebody outside must hear. */
export interface OutboxRow {
  id: number;
  event: string;
  alertId: number | null;
  shipmentId: number | null;
  custodyPosition: number | null;
  /** of the table that the first word of `event` names */
  recordId: number | null;
  /** when it was written, with what it tells of */
  createdAt: Date;
  /** what only the moment of the change knew */
  detail: Readonly<Record<string, unknown>> | null;
}

/** Reads what rows of the outbox tell of, by the ids of these rows. A row without an event tells of nothing that is left. */
export type Source = (client: PoolClient, rows: readonly OutboxRow[]) => Promise<ReadonlyMap<number, OutboundEvent>>;

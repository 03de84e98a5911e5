/**
 * What the platform asks of an ERP, whichever it is. An adapter translates; it decides nothing. Every method may throw ErpError.
 *
 * Ids are those of the ERP, as text. Times are text by the clock of the ERP, in a form that sorts.
 */

/** Kinds of documents that are read. */
export const PULL_KINDS = ["item", "location", "customer", "supplier", "sale", "purchase"] as const;
export type PullKind = (typeof PULL_KINDS)[number];

/** Kinds of documents that are made there. */
export type SendKind = "item" | "sale" | "purchase" | "delivery" | "receipt" | "movement" | "count";

interface Pulled {
  id: string;
  /** as people there call it */
  number: string;
  /** when it was changed last */
  modified: string;
}

export interface ErpItem extends Pulled {
  kind: "item";
  sku: string;
  name: string;
  barcode: string | null;
  /** the unit that stock is counted in */
  unit: string;
  isActive: boolean;
}

/** A warehouse. */
export interface ErpLocation extends Pulled {
  kind: "location";
  name: string;
}

export interface ErpPartner extends Pulled {
  kind: "customer" | "supplier";
  name: string;
  email: string | null;
  phone: string | null;
}

export interface ErpOrderLine {
  id: string;
  itemId: string;
  quantity: number;
  unit: string;
}

export interface ErpOrder extends Pulled {
  kind: "sale" | "purchase";
  /** `draft`: it binds nobody yet. `closed`: the rest of it will not be delivered */
  state: "draft" | "open" | "closed" | "cancelled";
  partnerId: string | null;
  warehouseId: string | null;
  /** YYYY-MM-DD */
  date: string | null;
  /** without services and texts */
  lines: ErpOrderLine[];
  /** of one that was placed here: the key that it was made with */
  key: string | null;
}

export type ErpRecord = ErpItem | ErpLocation | ErpPartner | ErpOrder;

export interface Page {
  /** changed then or later; undefined: all */
  since: string | undefined;
  /** with a greater id than this one; undefined: from the first */
  after: string | undefined;
  limit: number;
}

/** What is on hand there. */
export interface ErpLevel {
  itemId: string;
  warehouseId: string;
  quantity: number;
}

export interface SentLine {
  /** id of the order's line there */
  lineId: string;
  itemId: string;
  /** in the unit of the order's line */
  quantity: number;
}

/** An order that was placed here. */
export interface SentOrder {
  partnerId: string;
  warehouseId: string;
  /** YYYY-MM-DD */
  date: string;
  /** as people here call it */
  reference: string;
  /** in the unit that stock of the item is counted in there */
  lines: { itemId: string; quantity: number }[];
}

/** Goods that have gone to a customer, or have come from a supplier, of an order of the ERP. */
export interface OrderGoods {
  orderId: string;
  lines: SentLine[];
  /** ISO 8601 */
  at: string;
  /** e.g. the tracking number */
  reference: string;
}

/** Goods that have come to a warehouse or left it without an order of the ERP. */
export interface StockChange {
  itemId: string;
  warehouseId: string;
  /** in base units; never zero */
  delta: number;
  at: string;
}

/** An item that was made or changed here. */
export interface SentItem {
  /** undefined: it is not there yet */
  itemId?: string | undefined;
  sku: string;
  name: string;
  barcode: string | null;
  unit: string;
}

export type Outgoing = { key: string } & (
  | { kind: "delivery" | "receipt"; content: OrderGoods }
  | { kind: "movement" | "count"; content: StockChange }
  | { kind: "item"; content: SentItem }
  | { kind: "sale" | "purchase"; content: SentOrder }
);

export interface Made {
  id: string;
  number: string;
}

export interface ErpAdapter {
  /** Signs in and reads a little. @returns what answered, in words */
  test(): Promise<string>;
  /** when the newest document of a kind was changed; undefined: there is none */
  newest(kind: PullKind): Promise<string | undefined>;
  /** Documents in the order of their ids. Fewer than `limit`: there are no more. */
  page(kind: PullKind, page: Page): Promise<ErpRecord[]>;
  /** one document; undefined: it is not there */
  read(kind: PullKind, id: string): Promise<ErpRecord | undefined>;
  /** which of these documents are there */
  existing(kind: PullKind, ids: readonly string[]): Promise<ReadonlySet<string>>;
  levels(itemIds: readonly string[], warehouseIds: readonly string[]): Promise<ErpLevel[]>;
  /** Makes a document, or finds the one with this key and finishes it. */
  send(document: Outgoing): Promise<Made>;
  /** Takes back what a document did, once: nothing happens if it was taken back, or never was there. */
  reverse(document: Outgoing): Promise<void>;
  /** a time some minutes before this one, in the form of the ERP */
  before(time: string, minutes: number): string;
}

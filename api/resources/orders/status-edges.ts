import type { Order } from "./schema.ts";

type Status = Order["status"];

/** The statuses an order may take next, by its kind. It can be cancelled as long as no goods have moved. */
const NEXT: Readonly<Record<Order["kind"], Partial<Record<Status, readonly Status[]>>>> = {
  customer: {
    draft: ["approved", "cancelled"],
    approved: ["picking", "cancelled"],
    picking: ["packed", "cancelled"],
    packed: ["shipped", "cancelled"],
    shipped: ["closed"],
  },
  restock: {
    draft: ["approved", "cancelled"],
    approved: ["sent", "cancelled"],
    sent: ["partial", "cancelled"],
    partial: ["received"],
    received: ["closed"],
  },
  transfer: {
    draft: ["approved", "cancelled"],
    approved: ["picking", "cancelled"],
    picking: ["packed", "cancelled"],
    packed: ["shipped", "cancelled"],
    shipped: ["partial"],
    partial: ["received"],
    received: ["closed"],
  },
  return: {
    draft: ["approved", "cancelled"],
    approved: ["partial", "cancelled"],
    partial: ["received"],
    received: ["closed"],
  },
};

export const nextStatuses = (kind: Order["kind"], status: Status): readonly Status[] => NEXT[kind][status] ?? [];

/** Orders whose goods leave one of our places. */
export const isOutbound = (kind: Order["kind"]): boolean => kind === "customer" || kind === "transfer";

/** Lines can change until somebody works on the order. */
export const LINES_OPEN: ReadonlySet<Status> = new Set<Status>(["draft", "approved"]);

/** What ends an order, as far as its goods go: none are awaited any more. */
export const IS_OVER: ReadonlySet<Status> = new Set<Status>(["received", "closed", "cancelled"]);

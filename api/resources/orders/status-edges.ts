import { HANDLING, ORDERING, type Role } from "../../auth/roles.ts";
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

/** They tell what has become of the goods: who handles goods sets them. */
const OF_GOODS: ReadonlySet<Status> = new Set<Status>(["picking", "packed", "shipped", "partial", "received"]);

/** Whether this role may set this status, of orders that it may change. */
export const maySet = (role: Role, status: Status): boolean => HANDLING.includes(role) || !OF_GOODS.has(status);

/** Whether this role places and changes orders, and leaves to others what becomes of the goods. */
export const leavesGoods = (role: Role): boolean => ORDERING.includes(role) && !HANDLING.includes(role);

/** Orders whose goods leave one of our places. */
export const isOutbound = (kind: Order["kind"]): boolean => kind === "customer" || kind === "transfer";

/** Lines can change until somebody works on the order. */
export const LINES_OPEN: ReadonlySet<Status> = new Set<Status>(["draft", "approved"]);

/** What ends an order, as far as its goods go: none are awaited any more. */
export const IS_OVER: ReadonlySet<Status> = new Set<Status>(["received", "closed", "cancelled"]);

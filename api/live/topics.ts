/** The topics of the live stream. */
export const TOPICS = ["shipments", "positions", "stock", "alerts", "orders", "devices"] as const;
export type Topic = (typeof TOPICS)[number];

/** The topics of the live stream. */
export const TOPICS = ["shipments", "positions", "stock", "alerts", "devices"] as const;
export type Topic = (typeof TOPICS)[number];

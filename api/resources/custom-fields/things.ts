/** What has custom fields, tags and attachments, by the name of its table, which is also its path. */
export const THINGS = ["items", "locations", "parties", "shipments", "vehicles"] as const;
export type Thing = (typeof THINGS)[number];

/** One of them, in words. */
export const NOUNS: Readonly<Record<Thing, string>> = {
  items: "item",
  locations: "location",
  parties: "party",
  shipments: "shipment",
  vehicles: "vehicle",
};

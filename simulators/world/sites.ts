import type { Point } from "./geometry.ts";

/** A site of the simulated company. The API's locations have the same names. */
export interface Site extends Point {
  name: string;
  role: "plant" | "warehouse" | "shop";
  stage: "production" | "storage" | "delivery";
  /** of its circular geofence, metres */
  radiusM: number;
  timeZone: string;
  capacityUnits: number;
}

type Row = [name: string, role: Site["role"], lat: number, lon: number, timeZone: string];

const SHAPE = {
  plant: { stage: "production", radiusM: 300, capacityUnits: 6_000 },
  warehouse: { stage: "storage", radiusM: 250, capacityUnits: 20_000 },
  shop: { stage: "delivery", radiusM: 120, capacityUnits: 800 },
} as const;

const ROWS: readonly Row[] = [
  ["Plant Ingolstadt", "plant", 48.7905, 11.4005, "Europe/Berlin"],
  ["Plant Linz", "plant", 48.2764, 14.3387, "Europe/Vienna"],
  ["Warehouse Munich", "warehouse", 48.2201, 11.6412, "Europe/Berlin"],
  ["Warehouse Nuremberg", "warehouse", 49.3967, 11.0653, "Europe/Berlin"],
  ["Warehouse Vienna", "warehouse", 48.1392, 16.4507, "Europe/Vienna"],
  ["Warehouse Prague", "warehouse", 50.1051, 14.5839, "Europe/Prague"],
  ["Shop Munich Schwabing", "shop", 48.1742, 11.5863, "Europe/Berlin"],
  ["Shop Munich Moosach", "shop", 48.1806, 11.5117, "Europe/Berlin"],
  ["Shop Nuremberg Südstadt", "shop", 49.4365, 11.0817, "Europe/Berlin"],
  ["Shop Vienna Favoriten", "shop", 48.1745, 16.3812, "Europe/Vienna"],
  ["Shop Prague Karlín", "shop", 50.0927, 14.4519, "Europe/Prague"],
  ["Shop Salzburg", "shop", 47.8056, 13.0412, "Europe/Vienna"],
  ["Shop Regensburg", "shop", 49.0157, 12.0962, "Europe/Berlin"],
  ["Shop Brno", "shop", 49.1873, 16.6069, "Europe/Prague"],
  ["Warehouse Ingolstadt", "warehouse", 48.7791, 11.4113, "Europe/Berlin"],
  ["Warehouse Linz", "warehouse", 48.2851, 14.3217, "Europe/Vienna"],
  ["Shop Ingolstadt", "shop", 48.7672, 11.4221, "Europe/Berlin"],
  ["Shop Linz", "shop", 48.2968, 14.3094, "Europe/Vienna"],
  ["Shop Munich Freimann", "shop", 48.2118, 11.6262, "Europe/Berlin"],
  ["Shop Nuremberg Hafen", "shop", 49.4083, 11.0711, "Europe/Berlin"],
  ["Shop Vienna Simmering", "shop", 48.1471, 16.4359, "Europe/Vienna"],
  ["Shop Prague Letňany", "shop", 50.1168, 14.5779, "Europe/Prague"],
];

export const SITES: readonly Site[] = ROWS.map(([name, role, lat, lon, timeZone]) => ({
  name,
  role,
  lat,
  lon,
  timeZone,
  ...SHAPE[role],
}));

/** Looks a site up by name. */
export function siteNamed(name: string): Site {
  const site = SITES.find((candidate) => candidate.name === name);
  if (!site) throw new Error(`the world has no site ${name}`);
  return site;
}

type Route = readonly [from: string, to: string];

/** From plants to far warehouses. */
export const HAULS: readonly Route[] = [
  ["Plant Ingolstadt", "Warehouse Munich"],
  ["Plant Ingolstadt", "Warehouse Nuremberg"],
  ["Plant Linz", "Warehouse Vienna"],
  ["Plant Linz", "Warehouse Prague"],
  ["Plant Linz", "Warehouse Munich"],
];

/** From a warehouse to a shop in the same or the next town. */
export const ROUNDS: readonly Route[] = [
  ["Warehouse Munich", "Shop Munich Schwabing"],
  ["Warehouse Nuremberg", "Shop Nuremberg Südstadt"],
  ["Warehouse Vienna", "Shop Vienna Favoriten"],
  ["Warehouse Prague", "Shop Prague Karlín"],
  ["Warehouse Munich", "Shop Munich Moosach"],
  ["Warehouse Nuremberg", "Shop Regensburg"],
  ["Warehouse Munich", "Shop Salzburg"],
  ["Warehouse Vienna", "Shop Brno"],
];

/** Short routes of one or two kilometres: they produce arrivals every few minutes. */
export const SHUTTLES: readonly Route[] = [
  ["Warehouse Munich", "Shop Munich Freimann"],
  ["Plant Ingolstadt", "Warehouse Ingolstadt"],
  ["Warehouse Ingolstadt", "Shop Ingolstadt"],
  ["Warehouse Nuremberg", "Shop Nuremberg Hafen"],
  ["Warehouse Vienna", "Shop Vienna Simmering"],
  ["Plant Linz", "Warehouse Linz"],
  ["Warehouse Linz", "Shop Linz"],
  ["Warehouse Prague", "Shop Prague Letňany"],
];

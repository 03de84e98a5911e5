/** What rules are told of readings and of where devices are mounted, in the rules' own words. */

export interface GpsContent {
  lat: number;
  lon: number;
  /** metres */
  accuracy?: number | undefined;
  /** metres per second */
  speed?: number | undefined;
  /** degrees clockwise from north */
  heading?: number | undefined;
  satellites?: number | undefined;
}

export interface VehicleMount {
  vehicleId: number;
}

/** A read point: antennas may look inside or outside; without any, every read is presence at the place, or aboard. */
export interface ReadPointMount extends ReadPlace {
  antennas: Readonly<Record<string, "inside" | "outside">>;
}

/** Where tags are read: at a location, or, then that is null, aboard a vehicle. */
export interface ReadPlace {
  locationId: number | null;
  vehicleId?: number | undefined;
}

export function isSameReadPlace(a: ReadPlace, b: ReadPlace): boolean {
  return a.locationId === b.locationId && a.vehicleId === b.vehicleId;
}

/** The place by itself, without a word of a vehicle where there is none. */
export function readPlaceOf({ locationId, vehicleId }: ReadPlace): { locationId: number | null; vehicleId?: number } {
  return vehicleId === undefined ? { locationId } : { locationId, vehicleId };
}

/** A shelf of one product on one load cell. */
export interface ShelfMount {
  /** the stock position (inventory item) it weighs */
  stockId: number;
  unitWeightGrams: number;
  tareGrams: number;
}

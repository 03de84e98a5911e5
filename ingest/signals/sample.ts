/** The input of signal rules besides their state: the content of readings, and where devices are mounted. */

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

/** A read point. Antennas may face inside or outside; a read by any other antenna is presence at the place, or aboard. */
export interface ReadPointMount extends ReadPlace {
  antennas: Readonly<Record<string, "inside" | "outside">>;
}

/** Where tags are read: at a location, or aboard a vehicle (`locationId: null`). */
export interface ReadPlace {
  locationId: number | null;
  vehicleId?: number | undefined;
}

export function isSameReadPlace(a: ReadPlace, b: ReadPlace): boolean {
  return a.locationId === b.locationId && a.vehicleId === b.vehicleId;
}

/** The read place alone; without the key `vehicleId` if there is no vehicle. */
export function readPlaceOf({ locationId, vehicleId }: ReadPlace): { locationId: number | null; vehicleId?: number } {
  return vehicleId === undefined ? { locationId } : { locationId, vehicleId };
}

/** A shelf of one product on one load cell. */
export interface ShelfMount {
  /** the stock position (inventory item) it weighs */
  stockId: number;
  unitWeightGrams: number;
  tareGrams: number;
  /** since when this tare holds, epoch milliseconds */
  tareSince?: number;
  /** the finest difference that the scale shows, grams; 1 by default */
  divisionGrams?: number;
}

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

/** A read point: antennas may look inside or outside; without any, every read is presence at the place. */
export interface ReadPointMount {
  locationId: number;
  antennas: Readonly<Record<string, "inside" | "outside">>;
}

/** A shelf of one product on one load cell. */
export interface ShelfMount {
  /** the stock position (inventory item) it weighs */
  stockId: number;
  unitWeightGrams: number;
  tareGrams: number;
}

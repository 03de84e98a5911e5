import type { z } from "zod";
import { envReading } from "./env.ts";
import { gpsReading } from "./gps.ts";
import { rfidReading } from "./rfid.ts";
import { scaleReading } from "./scale.ts";
import { scanReading } from "./scan.ts";
import { vehicleReading } from "./vehicle.ts";

/** Largest number of readings in one message. */
export const MAX_READINGS_PER_MESSAGE = 500;
/** Largest accepted payload, bytes. */
export const MAX_MESSAGE_BYTES = 128 * 1024;

/** The schema of each kind of reading, by the last level of its topic. */
export const READING_SCHEMAS = {
  gps: gpsReading,
  rfid: rfidReading,
  scale: scaleReading,
  env: envReading,
  scan: scanReading,
  vehicle: vehicleReading,
} as const;

export type Kind = keyof typeof READING_SCHEMAS;
export const KINDS = Object.keys(READING_SCHEMAS) as readonly Kind[];

export type GpsReading = z.output<typeof gpsReading>;
export type RfidReading = z.output<typeof rfidReading>;
export type ScaleReading = z.output<typeof scaleReading>;
export type EnvReading = z.output<typeof envReading>;
export type ScanReading = z.output<typeof scanReading>;
export type VehicleReading = z.output<typeof vehicleReading>;

/** The content of a reading by kind: times in epoch milliseconds, weights in grams, other units as in its schema. */
export interface ReadingContent {
  gps: GpsReading;
  rfid: RfidReading;
  scale: ScaleReading;
  env: EnvReading;
  scan: ScanReading;
  vehicle: VehicleReading;
}

/** One reading as decoders return it. The device is that of the message it came in. */
export type DecodedReading = {
  [K in Kind]: {
    kind: K;
    content: ReadingContent[K];
    /** the receiver's date was impossible, and `ts` is what it must have meant */
    timeCorrected?: true;
  };
}[Kind];

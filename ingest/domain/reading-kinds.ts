/** The types that columns of readings have in Postgres. */
export type ColumnType = "float8" | "bigint" | "int" | "text" | "boolean";

interface KindDefinition {
  /** its table in Postgres */
  table: string;
  /** The fields of its schema that are stored, in the order of the content hash: only append (pipeline/reading.ts). */
  columns: Readonly<Record<string, ColumnType>>;
  /** the first columns, if they identify a reading beside device, `ts` and `seq`; never NULL */
  identity: readonly string[];
  /** stored in the series store (InfluxDB where one is configured), not always in Postgres; such kinds have no text */
  isSeries: boolean;
  /** columns with an hourly mean, minimum and maximum; a mean heading, say, would have no meaning */
  summarised: readonly string[];
  /** a signal rule derives facts from the sequence of its readings (pipeline/signal-kinds.ts) */
  isSignal: boolean;
}

type Value<T extends ColumnType> = T extends "text" ? string : T extends "boolean" ? boolean : number;
type Content<D extends KindDefinition> = { readonly [N in keyof D["columns"]]?: Value<D["columns"][N]> | undefined };
export type ColumnValue = number | string | boolean | undefined;

/** @param values the values of `columns`, in their order. A function per kind is several times faster than access by name. */
function defineKind<const D extends KindDefinition>(
  definition: D,
  values: (content: Content<D>) => readonly ColumnValue[],
) {
  return { ...definition, columnNames: Object.keys(definition.columns), values };
}

/**
 * Every kind of reading: where and how it is stored. A new kind is one entry here, its schema in
 * broker/contract/readings.ts, and a migration that creates its table and adds it to `reading_tables()`.
 */
export const READING_KINDS = {
  gps: defineKind(
    {
      table: "gps_readings",
      columns: {
        lat: "float8",
        lon: "float8",
        accuracy: "float8",
        speed: "float8",
        heading: "float8",
        altitude: "float8",
        satellites: "float8",
        battery: "float8",
      },
      identity: [],
      isSeries: true,
      summarised: ["speed", "accuracy", "altitude", "battery"],
      isSignal: true,
    },
    ({ lat, lon, accuracy, speed, heading, altitude, satellites, battery }) => [
      lat,
      lon,
      accuracy,
      speed,
      heading,
      altitude,
      satellites,
      battery,
    ],
  ),
  rfid: defineKind(
    {
      table: "rfid_reads",
      columns: { epc: "text", antenna: "int", rssi: "float8", count: "int" },
      identity: ["epc", "antenna"],
      isSeries: false,
      summarised: [],
      isSignal: true,
    },
    ({ epc, antenna = 0, rssi, count }) => [epc, antenna, rssi, count],
  ),
  scale: defineKind(
    {
      table: "scale_readings",
      columns: { grams: "float8", stable: "boolean" },
      identity: [],
      isSeries: true,
      summarised: ["grams"],
      isSignal: true,
    },
    ({ grams, stable }) => [grams, stable],
  ),
  env: defineKind(
    {
      table: "env_readings",
      columns: { celsius: "float8", humidity: "float8", shock: "float8", lux: "float8", battery: "float8" },
      identity: [],
      isSeries: true,
      summarised: ["celsius", "humidity", "shock", "lux", "battery"],
      isSignal: false,
    },
    ({ celsius, humidity, shock, lux, battery }) => [celsius, humidity, shock, lux, battery],
  ),
  scan: defineKind(
    {
      table: "scans",
      columns: { code: "text", symbology: "text", action: "text", quantity: "bigint", location_id: "int" },
      identity: [],
      isSeries: false,
      summarised: [],
      isSignal: false,
    },
    ({ code, symbology, action, quantity, location_id }) => [code, symbology, action, quantity, location_id],
  ),
  vehicle: defineKind(
    {
      table: "vehicle_readings",
      columns: {
        ignition: "boolean",
        odometer: "float8",
        fuel: "float8",
        engine_hours: "float8",
        voltage: "float8",
        driver: "text",
        harsh: "text",
        harsh_g: "float8",
      },
      identity: [],
      isSeries: false,
      summarised: ["odometer", "fuel", "engine_hours", "voltage"],
      isSignal: true,
    },
    ({ ignition, odometer, fuel, engine_hours, voltage, driver, harsh, harsh_g }) => [
      ignition,
      odometer,
      fuel,
      engine_hours,
      voltage,
      driver,
      harsh,
      harsh_g,
    ],
  ),
  status: defineKind(
    {
      table: "status_reports",
      columns: { state: "text", session: "text" },
      identity: [],
      isSeries: false,
      summarised: [],
      isSignal: false,
    },
    ({ state, session }) => [state, session],
  ),
};

type Kinds = typeof READING_KINDS;
export type ReadingKind = keyof Kinds;
export type SeriesKind = { [K in ReadingKind]: Kinds[K]["isSeries"] extends true ? K : never }[ReadingKind];
export type SignalKind = { [K in ReadingKind]: Kinds[K]["isSignal"] extends true ? K : never }[ReadingKind];

export function isSeriesKind(kind: ReadingKind): kind is SeriesKind {
  return READING_KINDS[kind].isSeries;
}

/** InfluxDB keeps booleans as the numbers 1 and 0. */
export function isBooleanColumn(kind: ReadingKind, name: string): boolean {
  const columns: Readonly<Record<string, ColumnType>> = READING_KINDS[kind].columns;
  return columns[name] === "boolean";
}

export const READING_KIND_NAMES = Object.keys(READING_KINDS) as ReadingKind[];
/** Kinds that have hours. */
export const HOURLY_KINDS: readonly ReadingKind[] = READING_KIND_NAMES.filter(
  (kind) => READING_KINDS[kind].summarised.length > 0,
);
export const SERIES_KINDS: readonly SeriesKind[] = READING_KIND_NAMES.filter(isSeriesKind);
export const SIGNAL_KINDS: readonly SignalKind[] = READING_KIND_NAMES.filter(
  (kind): kind is SignalKind => READING_KINDS[kind].isSignal,
);

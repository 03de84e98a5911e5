import { GRAMS_PER_UNIT } from "../../broker/contract/scale.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import type { Decoded } from "./decoder.ts";
import type { PayloadFields } from "../domain/payload-fields.ts";
import { mapValue, numberOf } from "./forwarded/payload-fields.ts";
import { omitMissing } from "./omit-missing.ts";
import { ignoreField } from "./validation/ignored-fields.ts";
import { addReading } from "./validation/add-reading.ts";

/** Key-value telemetry of one instant, from formats without fixed fields (ThingsBoard, Sparkplug B). */
export interface KeyValues {
  ts: number;
  seq?: number | undefined;
  values: Readonly<Record<string, unknown>>;
  /** what the profile of the device says of some of the values; they go before what their names say */
  fields?: PayloadFields | undefined;
  /** the part of a name that tells the quantity */
  keyOf?: (name: string) => string;
}

interface FieldMapping {
  kind: Kind;
  field: string;
  /** undefined: the value would be a guess */
  convert?: (value: number) => number | undefined;
}

const fractionOfPercent = (percent: number): number => percent / 100;
/** Firmwares say percent or volts by this name. A part of a percent is nobody's charge: 3.6 is a lithium cell that is full. */
const fractionOfBattery = (value: number): number | undefined =>
  value < 5 && !Number.isInteger(value) ? undefined : fractionOfPercent(value);
const metresOfKilometres = (km: number): number => km * 1000;
const mpsOfKmh = (kmh: number): number => kmh / 3.6;
const celsiusOfFahrenheit = (fahrenheit: number): number => ((fahrenheit - 32) * 5) / 9;
const gramsOf = (unit: keyof typeof GRAMS_PER_UNIT) => (weight: number) => weight * GRAMS_PER_UNIT[unit];

/**
 * The field behind a key, in lower case without separators. Humidity and battery are percent, which is usual in these
 * systems. `speed` and `weight` alone are missing here: without a unit they would be a guess.
 */
const FIELD_MAPPINGS: Readonly<Record<string, FieldMapping>> = {
  lat: { kind: "gps", field: "lat" },
  latitude: { kind: "gps", field: "lat" },
  lon: { kind: "gps", field: "lon" },
  lng: { kind: "gps", field: "lon" },
  longitude: { kind: "gps", field: "lon" },
  accuracy: { kind: "gps", field: "accuracy" },
  speedmps: { kind: "gps", field: "speed" },
  speedkmh: { kind: "gps", field: "speed", convert: mpsOfKmh },
  heading: { kind: "gps", field: "heading" },
  bearing: { kind: "gps", field: "heading" },
  course: { kind: "gps", field: "heading" },
  altitude: { kind: "gps", field: "altitude" },
  satellites: { kind: "gps", field: "satellites" },
  sats: { kind: "gps", field: "satellites" },
  temperature: { kind: "env", field: "celsius" },
  airtemperature: { kind: "env", field: "celsius" },
  ambienttemperature: { kind: "env", field: "celsius" },
  temperaturesensor: { kind: "env", field: "celsius" },
  tempc: { kind: "env", field: "celsius" },
  tempcsht: { kind: "env", field: "celsius" },
  tempcds: { kind: "env", field: "celsius" },
  temp: { kind: "env", field: "celsius" },
  temperaturec: { kind: "env", field: "celsius" },
  celsius: { kind: "env", field: "celsius" },
  temperaturef: { kind: "env", field: "celsius", convert: celsiusOfFahrenheit },
  humidity: { kind: "env", field: "humidity", convert: fractionOfPercent },
  hum: { kind: "env", field: "humidity", convert: fractionOfPercent },
  humsht: { kind: "env", field: "humidity", convert: fractionOfPercent },
  humiditypct: { kind: "env", field: "humidity", convert: fractionOfPercent },
  relativehumidity: { kind: "env", field: "humidity", convert: fractionOfPercent },
  humiditysensor: { kind: "env", field: "humidity", convert: fractionOfPercent },
  shock: { kind: "env", field: "shock" },
  lux: { kind: "env", field: "lux" },
  illuminance: { kind: "env", field: "lux" },
  light: { kind: "env", field: "lux" },
  illuminancesensor: { kind: "env", field: "lux" },
  battery: { kind: "env", field: "battery", convert: fractionOfBattery },
  batterypct: { kind: "env", field: "battery", convert: fractionOfPercent },
  batterypercent: { kind: "env", field: "battery", convert: fractionOfPercent },
  batterylevel: { kind: "env", field: "battery", convert: fractionOfPercent },
  ignition: { kind: "vehicle", field: "ignition" },
  odometerm: { kind: "vehicle", field: "odometer" },
  odometerkm: { kind: "vehicle", field: "odometer", convert: metresOfKilometres },
  fuellevel: { kind: "vehicle", field: "fuel", convert: fractionOfPercent },
  enginehours: { kind: "vehicle", field: "engine_hours" },
  externalvoltage: { kind: "vehicle", field: "voltage" },
  driver: { kind: "vehicle", field: "driver" },
  driverid: { kind: "vehicle", field: "driver" },
  grams: { kind: "scale", field: "grams" },
  weightgrams: { kind: "scale", field: "grams" },
  weightkg: { kind: "scale", field: "grams", convert: gramsOf("kg") },
  weightlb: { kind: "scale", field: "grams", convert: gramsOf("lb") },
  epc: { kind: "rfid", field: "epc" },
  antenna: { kind: "rfid", field: "antenna" },
  rssi: { kind: "rfid", field: "rssi" },
};

/** Keys that would be a guess. */
const HINTS: Readonly<Record<string, string>> = {
  speed: "its unit is not known: send speed_mps or speed_kmh",
  weight: "its unit is not known: send grams, weight_kg or weight_lb",
  odometer: "its unit is not known: send odometer_m or odometer_km",
  battery: "volts or a fraction, and no percent: map it in the device's profile, with scale and offset",
  batv: "volts are no charge: map it in the device's profile, with scale and offset",
  batteryv: "volts are no charge: map it in the device's profile, with scale and offset",
  batteryvoltage: "volts are no charge: map it in the device's profile, with scale and offset",
  vbat: "volts are no charge: map it in the device's profile, with scale and offset",
};

/** Without these fields the other values of the kind are no reading. */
const REQUIRED: Partial<Record<Kind, readonly string[]>> = { gps: ["lat", "lon"], rfid: ["epc"], scale: ["grams"] };

/** Keys may be paths, and the last part names the quantity: `Cargo/Temperature` is a temperature. */
const lastPart = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/**
 * Adds one reading of each kind that has keys among the values; warns of the keys that were not used.
 * @returns why there is no reading at all among the values; it is no rejection yet: whether it is one depends on the format
 */
export function addKeyValues(
  decoded: Decoded,
  { ts: sentAt, seq, values, fields: mapped, keyOf = lastPart }: KeyValues,
  index: number,
): string | undefined {
  const byKind = new Map<Kind, Record<string, unknown>>();
  const unused: string[] = [];
  let ts = sentAt;
  const rest: [string, unknown][] = [];
  for (const [name, value] of Object.entries(values)) {
    const told = mapValue(mapped, name, value);
    if (told === undefined) rest.push([name, value]);
    else if (told === "unusable") {
      unused.push(name.slice(0, 64));
      ignoreField(decoded, undefined, name, () => "its value is none that the device's profile can map");
    } else if (told !== "unused" && told.kind === undefined) ts = told.value as number;
    else if (told !== "unused") {
      const { kind, field, value } = told;
      byKind.set(kind!, { ...byKind.get(kind!), [field]: value });
    }
  }
  for (const [name, value] of rest) {
    const key = keyOf(name)
      .toLowerCase()
      .replaceAll(/[\s_.\-()]/g, "");
    const mapping = Object.hasOwn(FIELD_MAPPINGS, key) ? FIELD_MAPPINGS[key] : undefined;
    const known = mapping && valueOf(value, mapping);
    const fields = mapping && (byKind.get(mapping.kind) ?? {});
    // Of two values for one field the first is used, and the warning names the other.
    if (fields && known !== undefined && !(mapping.field in fields)) {
      byKind.set(mapping.kind, { ...fields, [mapping.field]: known });
    } else if (value !== null) {
      unused.push(name.slice(0, 64));
      ignoreField(decoded, mapping?.kind, name, () => (Object.hasOwn(HINTS, key) ? HINTS[key] : undefined));
    }
  }
  let complete = 0;
  for (const [kind, fields] of byKind) {
    const missing = REQUIRED[kind]?.filter((field) => !(field in fields)) ?? [];
    if (missing.length > 0) {
      for (const field of Object.keys(fields))
        ignoreField(decoded, kind, field, () => `there is no ${missing.join(", ")}`);
      unused.push(...Object.keys(fields));
      continue;
    }
    complete++;
    addReading(decoded, kind, omitMissing({ ts, seq, ...fields }), index);
  }
  const names = unused.slice(0, 8).join(", ");
  if (complete === 0)
    return names === "" ? "no complete reading among the values" : `no reading among the values: ${names}`;
  if (names !== "") decoded.warnings.push(`values not used: ${names}`);
  return undefined;
}

function valueOf(value: unknown, { field, convert }: FieldMapping): unknown {
  if (field === "epc" || field === "driver") return typeof value === "string" ? value : undefined;
  if (field === "ignition") return booleanOf(value);
  const numeric = numberOf(value);
  return numeric !== undefined && convert ? convert(numeric) : numeric;
}

/** `true`, 1, "on" and what firmwares make of them. */
function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (text === 1 || text === "1" || text === "true" || text === "on") return true;
  return text === 0 || text === "0" || text === "false" || text === "off" ? false : undefined;
}

import { GRAMS_PER_UNIT } from "../../broker/contract/scale.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import type { Decoded } from "./decoder.ts";
import { present } from "./present.ts";
import { addReading } from "./add-reading.ts";

/** Values by name, as formats without fixed fields carry them, all measured at one instant. */
export interface NamedValues {
  ts: number;
  seq?: number | undefined;
  values: Readonly<Record<string, unknown>>;
}

interface Meaning {
  kind: Kind;
  field: string;
  convert?: (value: number) => number;
}

const fraction = (percent: number): number => percent / 100;
const perHour = (kmh: number): number => kmh / 3.6;
const celsius = (fahrenheit: number): number => ((fahrenheit - 32) * 5) / 9;
const grams = (unit: keyof typeof GRAMS_PER_UNIT) => (weight: number) => weight * GRAMS_PER_UNIT[unit];

/**
 * What names mean, without case and separators. Humidity and battery are percent, as devices and dashboards of these
 * systems have them. A bare `speed` or `weight` names no unit and is not guessed at.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  lat: { kind: "gps", field: "lat" },
  latitude: { kind: "gps", field: "lat" },
  lon: { kind: "gps", field: "lon" },
  lng: { kind: "gps", field: "lon" },
  longitude: { kind: "gps", field: "lon" },
  accuracy: { kind: "gps", field: "accuracy" },
  speedmps: { kind: "gps", field: "speed" },
  speedkmh: { kind: "gps", field: "speed", convert: perHour },
  heading: { kind: "gps", field: "heading" },
  bearing: { kind: "gps", field: "heading" },
  course: { kind: "gps", field: "heading" },
  altitude: { kind: "gps", field: "altitude" },
  satellites: { kind: "gps", field: "satellites" },
  temperature: { kind: "env", field: "celsius" },
  temp: { kind: "env", field: "celsius" },
  temperaturec: { kind: "env", field: "celsius" },
  celsius: { kind: "env", field: "celsius" },
  temperaturef: { kind: "env", field: "celsius", convert: celsius },
  humidity: { kind: "env", field: "humidity", convert: fraction },
  shock: { kind: "env", field: "shock" },
  lux: { kind: "env", field: "lux" },
  illuminance: { kind: "env", field: "lux" },
  battery: { kind: "env", field: "battery", convert: fraction },
  batterylevel: { kind: "env", field: "battery", convert: fraction },
  grams: { kind: "scale", field: "grams" },
  weightgrams: { kind: "scale", field: "grams" },
  weightkg: { kind: "scale", field: "grams", convert: grams("kg") },
  weightlb: { kind: "scale", field: "grams", convert: grams("lb") },
  epc: { kind: "rfid", field: "epc" },
  antenna: { kind: "rfid", field: "antenna" },
  rssi: { kind: "rfid", field: "rssi" },
};

/** What each kind cannot do without; other values of the kind are nothing on their own. */
const REQUIRED: Partial<Record<Kind, readonly string[]>> = { gps: ["lat", "lon"], rfid: ["epc"], scale: ["grams"] };

/** Adds one reading of each kind that the names speak of. */
export function addNamedValues(decoded: Decoded, { ts, seq, values }: NamedValues, index: number): void {
  const byKind = new Map<Kind, Record<string, unknown>>();
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    // `Cargo/Temperature` is a temperature: the last part of a path says what it is.
    const last = name.slice(name.lastIndexOf("/") + 1);
    const key = last.toLowerCase().replaceAll(/[\s_.\-()]/g, "");
    const meaning = Object.hasOwn(MEANINGS, key) ? MEANINGS[key] : undefined;
    const known = meaning && valueOf(value, meaning);
    const fields = meaning && (byKind.get(meaning.kind) ?? {});
    // Of two values for one field the first stands and the other is named: never silently the last.
    if (fields && known !== undefined && !(meaning.field in fields)) {
      byKind.set(meaning.kind, { ...fields, [meaning.field]: known });
    } else if (value !== null) {
      unknown.push(name.slice(0, 64));
    }
  }
  let complete = 0;
  for (const [kind, fields] of byKind) {
    if (REQUIRED[kind]?.some((field) => !(field in fields))) continue;
    complete++;
    addReading(decoded, kind, present({ ts, seq, ...fields }), index);
  }
  const names = unknown.slice(0, 8).join(", ");
  if (complete === 0) {
    const detail = names === "" ? "no complete reading among the values" : `no reading among the values: ${names}`;
    decoded.rejections.push({ index, reason: "not-a-reading", detail });
  } else if (names !== "") {
    decoded.warnings.push(`values not used: ${names}`);
  }
}

/** Firmware often sends numbers as text. */
function valueOf(value: unknown, { field, convert }: Meaning): unknown {
  if (field === "epc") return typeof value === "string" ? value : undefined;
  const numeric = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  if (typeof numeric !== "number" || !Number.isFinite(numeric)) return undefined;
  return convert ? convert(numeric) : numeric;
}

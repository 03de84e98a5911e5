import type { Kind } from "../../../broker/contract/readings.ts";

/** Names that other systems use, in lower case without separators. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  latitude: "lat",
  longitude: "lon",
  lng: "lon",
  long: "lon",
  x: "lon",
  y: "lat",
  acc: "accuracy",
  alt: "altitude",
  elevation: "altitude",
  bearing: "heading",
  course: "heading",
  cog: "heading",
  direction: "heading",
  vel: "speed",
  velocity: "speed",
  sats: "satellites",
  sat: "satellites",
  batt: "battery",
  bat: "battery",
  batterylevel: "battery",
  time: "ts",
  tst: "ts",
  timestamp: "ts",
  date: "ts",
  datetime: "ts",
  sequence: "seq",
  counter: "seq",
  n: "seq",
  temperature: "celsius",
  temp: "celsius",
  t: "celsius",
  rh: "humidity",
  hum: "humidity",
  light: "lux",
  illuminance: "lux",
  acceleration: "shock",
  g: "grams",
  gram: "grams",
  gramme: "grams",
  weightgrams: "grams",
  mass: "weight",
  value: "weight",
  kg: "weight",
  units: "unit",
  uom: "unit",
  isstable: "stable",
  tag: "epc",
  tagid: "epc",
  epchex: "epc",
  idhex: "epc",
  ant: "antenna",
  antennaport: "antenna",
  peakrssi: "rssi",
  reads: "count",
  barcode: "code",
  qty: "quantity",
  pieces: "quantity",
  location: "location_id",
  locationid: "location_id",
};

type Fields = Readonly<Record<Kind, ReadonlySet<string>>>;

/** The field of this kind that an unknown one probably means: by another name, or misspelt. */
export function meantField(kind: Kind, name: string, fields: Fields): string | undefined {
  const plain = plainName(name);
  const meant = otherName(plain);
  return fields[kind].has(meant) ? meant : closest(plain, fields[kind]);
}

/** Suggestions that were looked for, by kind and name: firmware that sends an unknown field sends it with every reading. */
const suggested = new Map<Kind, Map<string, string | undefined>>();
/** Names are the sender's choice, so the suggestions of a kind start anew when there are so many. */
const MAX_SUGGESTED = 200;
/** Longer names are nobody's misspelling, and would fill the memory. */
const MAX_NAME_LENGTH = 64;

/** What the sender of an unknown field may have meant, for people. */
export function suggestField(kind: Kind, name: string, fields: Fields): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  let ofKind = suggested.get(kind);
  if (!ofKind) suggested.set(kind, (ofKind = new Map()));
  const known = ofKind.get(name);
  if (known !== undefined || ofKind.has(name)) return known;
  if (ofKind.size >= MAX_SUGGESTED) ofKind.clear();
  const suggestion = findSuggestion(kind, name, fields);
  ofKind.set(name, suggestion);
  return suggestion;
}

function findSuggestion(kind: Kind, name: string, fields: Fields): string | undefined {
  const meant = meantField(kind, name, fields);
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  const elsewhere = otherName(plainName(name));
  const other = (Object.keys(fields) as Kind[]).find((each) => fields[each].has(elsewhere));
  return other && `\`${elsewhere}\` belongs to readings of the kind ${other}`;
}

const plainName = (name: string): string =>
  name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[\s_.-]/g, "");

const otherName = (plain: string): string => (Object.hasOwn(OTHER_NAMES, plain) ? OTHER_NAMES[plain]! : plain);

/** The field whose name, or other name, differs by one letter, or by two in a name of at least five. */
function closest(name: string, fields: ReadonlySet<string>): string | undefined {
  if (name.length > 24) return undefined;
  const others = Object.entries(OTHER_NAMES).filter(([other, field]) => other.length >= 5 && fields.has(field));
  const names = [...[...fields].map((field) => [field.replaceAll("_", ""), field] as const), ...others];
  let best: { field: string; distance: number } | undefined;
  for (const [known, field] of names) {
    const distance = editDistance(name, known);
    const allowed = Math.min(name.length, known.length) >= 5 ? 2 : name.length > 2 ? 1 : 0;
    if (distance <= allowed && distance < (best?.distance ?? Infinity)) best = { field, distance };
  }
  return best?.field;
}

/** Letters to insert, delete or replace (Levenshtein), or to swap with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, rows[i - 1]![j]! + 1, row[j - 1]! + 1, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

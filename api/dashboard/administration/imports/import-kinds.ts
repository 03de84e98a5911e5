import type { ImportSummary } from "../../state/resources.ts";
import { mayAdminister, type Person } from "../../state/roles.ts";

/** What can be imported: what it is called here, and what a row of the file is matched with what is there by. */
export const IMPORT_KINDS: Readonly<Record<ImportSummary["kind"], { label: string; key: string }>> = {
  items: { label: "Products", key: "its SKU" },
  locations: { label: "Locations", key: "its id, else by its name and parent" },
  parties: { label: "Parties", key: "its id, else by its reference, else by its name" },
  devices: { label: "Devices", key: "its id" },
  orders: { label: "Orders", key: "its id, else by its kind and reference" },
  stock: { label: "Stock", key: "product, location, owner and condition" },
};

/** Managers import devices; all else is for administrators. */
export const kindsFor = (person: Person): ImportSummary["kind"][] =>
  mayAdminister(person) ? (Object.keys(IMPORT_KINDS) as ImportSummary["kind"][]) : ["devices"];

/** The media type of a file by its name; CSV where that says nothing. */
export function typeOf(fileName: string): "text/csv" | "application/json" | "application/x-ndjson" {
  if (/\.json$/i.test(fileName)) return "application/json";
  return /\.(?:ndjson|jsonl)$/i.test(fileName) ? "application/x-ndjson" : "text/csv";
}

const DELIMITERS = { comma: "commas", semicolon: "semicolons", tab: "tabs" } as const;
const ENCODINGS = { "utf-8": "UTF-8", "latin-1": "Latin-1 (Windows)", "utf-16le": "UTF-16" } as const;

/** How a file was read, in words. */
export function formatText({ format }: Pick<ImportSummary, "format">): string {
  if (format.type !== "csv") return format.type === "json" ? "JSON" : "lines of JSON";
  return [
    `CSV in ${ENCODINGS[format.encoding]}`,
    ...(format.byte_order_mark ? ["with a byte order mark"] : []),
    ...(format.delimiter === undefined ? [] : [`parted by ${DELIMITERS[format.delimiter]}`]),
    ...(format.decimal_comma ? ["decimal commas"] : []),
  ].join(", ");
}

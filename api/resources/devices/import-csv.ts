import { parse } from "csv-parse/sync";
import { invalid } from "../../http/problem.ts";

/** Columns of the mount; the others are named like the fields of a device. */
const MOUNT_NUMBERS = ["vehicle_id", "location_id", "item_id", "tare_grams", "division_grams"];
const NUMBERS: ReadonlySet<string> = new Set(["rate_limit", "interval_s", ...MOUNT_NUMBERS]);
const MOUNT: ReadonlySet<string> = new Set([...MOUNT_NUMBERS, "antennas", "since"]);

/**
 * Reads devices from CSV (RFC 4180): a header with field names, then one device per line; an empty cell leaves the field
 * out. The fields of the mount are columns too, with antennas as `1:inside;2:outside`. The result is not yet validated.
 * @throws Problem 400 when the text is not CSV
 */
export function devicesFromCsv(csv: string): object[] {
  return readRows(csv).map((row) => {
    const device: Record<string, unknown> = {};
    const mount: Record<string, unknown> = {};
    for (const [column, text] of Object.entries(row)) {
      if (text !== "") (MOUNT.has(column) ? mount : device)[column] = cell(column, text);
    }
    return Object.keys(mount).length === 0 ? device : { ...device, mount };
  });
}

function readRows(csv: string): Record<string, string>[] {
  try {
    return parse(csv, { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw invalid("", `invalid CSV: ${(error as Error).message}`);
  }
}

function cell(column: string, text: string): unknown {
  if (column === "antennas") return Object.fromEntries(text.split(";").map((pair) => pair.split(":", 2)));
  return NUMBERS.has(column) ? Number(text) : text;
}

import { parse } from "csv-parse/sync";
import { invalid } from "../../http/problem.ts";

/** Columns that say where a device is; the others are named like the fields of a device. */
const MOUNT_NUMBERS = ["vehicle_id", "location_id", "item_id", "tare_grams"];
const NUMBERS: ReadonlySet<string> = new Set(["rate_limit", "interval_s", ...MOUNT_NUMBERS]);
const MOUNT: ReadonlySet<string> = new Set([...MOUNT_NUMBERS, "antennas", "since"]);

/**
 * Devices from a table: a first line with the names of fields, then one device a line; an empty cell is a field left out.
 * The mount's fields stand beside the others, its antennas as `1:inside;2:outside`. What comes out is still to be validated.
 * @throws Problem 400 when the text is no such table
 */
export function devicesOfTable(csv: string): object[] {
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
    throw invalid("", `the table cannot be read: ${(error as Error).message}`);
  }
}

function cell(column: string, text: string): unknown {
  if (column === "antennas") return Object.fromEntries(text.split(";").map((pair) => pair.split(":", 2)));
  return NUMBERS.has(column) ? Number(text) : text;
}

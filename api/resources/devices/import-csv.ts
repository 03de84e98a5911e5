import { invalid } from "../../http/problem.ts";
import { readCsv } from "../../tables/read-csv.ts";
import { recogniseCsv } from "../../tables/text-format.ts";
import { DEVICE_COLUMNS_OF_TABLE, deviceFields } from "./device-cells.ts";

/**
 * Reads devices from CSV: a line of column names, then one device per line; an empty cell leaves the field out. The result is not
 * yet validated.
 * @throws Problem 400 naming the line that cannot be read
 */
export async function devicesFromCsv(csv: string): Promise<object[]> {
  const recognised = recogniseCsv(csv.slice(0, 64 * 1024), DEVICE_COLUMNS_OF_TABLE, "/0");
  const format = { type: "csv" as const, encoding: "utf-8" as const, byte_order_mark: false, ...recognised };
  const devices: object[] = [];
  for await (const row of readCsv([csv], format, DEVICE_COLUMNS_OF_TABLE)) {
    if ("problems" in row) {
      const { column, message } = row.problems[0]!;
      throw invalid(column === null ? "" : `/${devices.length}/${column}`, `invalid CSV: line ${row.line}: ${message}`);
    }
    devices.push(deviceFields(row.fields));
  }
  return devices;
}

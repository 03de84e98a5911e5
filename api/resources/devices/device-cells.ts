import { type CellFormat, CellProblem, type Columns, partsOf } from "../../tables/columns.ts";

/** Antennas as `1:inside; 2:outside`. */
const antennas: CellFormat = {
  read: (text) =>
    Object.fromEntries(
      partsOf(text).map((part) => {
        const [, antenna, side] = /^(\d+)\s*:\s*(\w+)$/.exec(part) ?? [];
        if (antenna === undefined)
          throw new CellProblem(`"${part.slice(0, 40)}" is no antenna: write 1:inside; 2:outside`);
        return [antenna, side];
      }),
    ),
  write: (value) =>
    Object.entries(value as Record<string, string>)
      .map(([antenna, side]) => `${antenna}:${side}`)
      .join("; "),
};

const MOUNT: Columns = {
  vehicle_id: "integer",
  shipment_id: "integer",
  location_id: "integer",
  item_id: "integer",
  tare_grams: "number",
  division_grams: "number",
  antennas,
  since: "word",
};

/** A device as a line of a table: the fields of its mount are columns, too. */
export const DEVICE_COLUMNS_OF_TABLE: Columns = {
  id: "word",
  kind: "word",
  decoder: "word",
  name: "text",
  state: "word",
  ...MOUNT,
  rate_limit: "number",
  interval_s: "number",
  profile_id: "integer",
};

/** Puts the columns of the mount together. A row of JSON has its mount already. */
export function deviceFields(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const device: Record<string, unknown> = {};
  const mount: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) (Object.hasOwn(MOUNT, name) ? mount : device)[name] = value;
  return Object.keys(mount).length === 0 ? device : { ...device, mount };
}

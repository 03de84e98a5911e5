import { parse } from "csv-parse/sync";
import { unguardFormula } from "../../../tables/formula-guard.ts";
import type { ErpOrder, ErpRecord, PullKind } from "../adapter.ts";
import { ErpError } from "../erp-error.ts";
import type { ErpOptions, Sheet } from "../options.ts";

type Cells = Readonly<Record<string, string>>;

/** Rows of a table, CSV with a line of names or a JSON array of objects, by our names of its columns. @throws ErpError */
export function rowsOf(text: string, isJson: boolean, names: Readonly<Record<string, string>>): Cells[] {
  const rows = isJson ? jsonRows(text) : csvRows(text);
  const known = Object.entries(names);
  return rows.map((row) => {
    const cells: Record<string, string> = { ...row };
    for (const [ours, theirs] of known) cells[ours] = row[theirs] ?? "";
    return cells;
  });
}

function csvRows(text: string): Cells[] {
  try {
    const rows = parse(text, {
      bom: true,
      columns: true,
      skip_empty_lines: true,
      delimiter: delimiterOf(text),
      trim: true,
    });
    return (rows as Record<string, string>[]).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, unguardFormula(cell)])),
    );
  } catch (error) {
    throw new ErpError(
      "refused",
      `this is no table of comma-separated values: ${(error as Error).message.slice(0, 200)}`,
    );
  }
}

/** Spreadsheets of some countries write semicolons. */
const delimiterOf = (text: string): string => {
  const [first = ""] = text.split("\n", 1);
  return first.split(";").length > first.split(",").length ? ";" : ",";
};

function jsonRows(text: string): Cells[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ErpError("refused", "the table is not valid JSON");
  }
  if (!Array.isArray(value)) throw new ErpError("refused", "the JSON of a table must be an array of objects");
  return value.map((row) =>
    Object.fromEntries(
      Object.entries((row ?? {}) as object).map(([name, cell]) => [
        name,
        cell === null || cell === undefined ? "" : String(cell),
      ]),
    ),
  );
}

const STATES: readonly string[] = ["draft", "open", "closed", "cancelled"];

/** "1.234,5" is for people; a file has a point, or one comma. */
const numberOf = (text: string | undefined): number => Number((text ?? "").replace(",", "."));

/** @throws ErpError naming the row that says nothing */
export function recordsOf(kind: PullKind, rows: readonly Cells[]): ErpRecord[] {
  const need = (row: Cells, at: number, name: string): string => {
    const value = row[name];
    if (value === undefined || value === "")
      throw new ErpError("refused", `row ${at + 2} of the ${kind}s has no ${name}`);
    return value;
  };
  const base = (row: Cells, id: string, number: string) => ({ id, number, modified: row["modified"] ?? "" });
  switch (kind) {
    case "item":
      return rows.map((row, at) => {
        const sku = need(row, at, "sku");
        const isActive = !["0", "false", "no"].includes((row["active"] ?? "").toLowerCase());
        const [name, barcode, unit] = [row["name"] || sku, row["barcode"] || null, row["unit"] || "piece"];
        return { ...base(row, row["id"] || sku, sku), kind, sku, name, barcode, unit, isActive };
      });
    case "location":
      return rows.map((row, at) => {
        const name = need(row, at, "name");
        return { ...base(row, row["id"] || name, name), kind, name };
      });
    case "customer":
    case "supplier":
      return rows.map((row, at) => {
        const name = need(row, at, "name");
        return {
          ...base(row, row["id"] || name, name),
          kind,
          name,
          email: row["email"] || null,
          phone: row["phone"] || null,
        };
      });
    case "sale":
    case "purchase":
      return ordersOf(kind, rows, need, base);
  }
}

/** A row of an order file is a line; the rows of an order stand anywhere. */
function ordersOf(
  kind: "sale" | "purchase",
  rows: readonly Cells[],
  need: (row: Cells, at: number, name: string) => string,
  base: (row: Cells, id: string, number: string) => { id: string; number: string; modified: string },
): ErpOrder[] {
  const orders = new Map<string, ErpOrder>();
  for (const [at, row] of rows.entries()) {
    const id = need(row, at, "order");
    const state = row["state"] || "open";
    if (!STATES.includes(state))
      throw new ErpError(
        "refused",
        `row ${at + 2} of the ${kind}s: the state "${state.slice(0, 40)}" is none of ${STATES.join(", ")}`,
      );
    const order = orders.get(id) ?? {
      ...base(row, id, id),
      kind,
      state: state as ErpOrder["state"],
      partnerId: row["partner"] || null,
      warehouseId: row["warehouse"] || null,
      date: row["date"] || null,
      key: row["key"] || null,
      lines: [],
    };
    orders.set(id, order);
    const lineId = row["line"] || String(order.lines.length + 1);
    order.lines.push({
      id: lineId,
      itemId: need(row, at, "item"),
      quantity: numberOf(row["quantity"]),
      unit: row["unit"] || "",
    });
  }
  return [...orders.values()];
}

/** Each sheet by the name of its kind. */
export const sheetOf = (options: ErpOptions, sheet: Sheet) => ({
  path: options.files[sheet],
  columns: options.columns[sheet] ?? {},
});

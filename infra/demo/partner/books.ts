import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { writeFileAtomically } from "../../../broker/journal/atomic-file.ts";

/** What the web shop sells. */
export const PRODUCTS = [
  { sku: "TEA-100", name: "Green tea 100 g", unit: "piece" },
  { sku: "HONEY-500", name: "Honey 500 g", unit: "piece" },
  { sku: "COFFEE-1KG", name: "Coffee beans 1 kg", unit: "piece" },
] as const;
export const [WAREHOUSE, CUSTOMER, SUPPLIER] = ["WEB", "Web customers", "Fine Foods Ltd"] as const;

export type OrderKind = "sale" | "purchase";
/** Names of the tables, as the connection names them. */
export const TABLES = {
  item: "items.csv",
  customer: "customers.csv",
  supplier: "suppliers.csv",
  sale: "sales.csv",
  purchase: "purchases.csv",
  level: "levels.csv",
} as const;

type Row = Readonly<Record<string, string>>;

/** What an ERP knows of a product. */
interface Account {
  onHand: number;
  sold: number;
  delivered: number;
  bought: number;
  received: number;
}

export interface Books {
  /** a table or a document by its path; undefined: there is none */
  read(path: string): Promise<string | undefined>;
  /** Takes a document. @returns `known`: it was there, and what it says counts once */
  put(path: string, text: string): Promise<"taken" | "known" | "refused">;
  order(kind: OrderKind, sku: string, quantity: number): Promise<string>;
  /** what can be sold, and what is awaited */
  free(sku: string): { free: number; awaited: number };
}

const ORDER_COLUMNS = ["order", "partner", "warehouse", "item", "quantity", "unit", "date", "modified"] as const;
const DOCUMENT_PATH = /^outbox\/([\w.-]{1,200}\.csv)$/;

/**
 * The books of the demo's ERP: tables as files of a folder, so that they outlive the demo as the database does, and documents of the
 * platform below `outbox/`. Its stock is the sum of these documents.
 */
export async function openBooks(folder: string): Promise<Books> {
  const outbox = join(folder, "outbox");
  await mkdir(outbox, { recursive: true });
  const write = (name: string, text: string) => writeFileAtomically(join(folder, name), text);
  await write(TABLES.item, csvOf(["sku", "name", "unit"], PRODUCTS));
  await write(TABLES.customer, csvOf(["name"], [{ name: CUSTOMER }]));
  await write(TABLES.supplier, csvOf(["name"], [{ name: SUPPLIER }]));

  const accounts = new Map(
    PRODUCTS.map(({ sku }): [string, Account] => [sku, { onHand: 0, sold: 0, delivered: 0, bought: 0, received: 0 }]),
  );
  const orders = { sale: await ordersIn("sale"), purchase: await ordersIn("purchase") };
  // A file that was being written when a demo was killed has another name.
  const documents = new Set((await readdir(outbox)).filter((name) => name.endsWith(".csv")));
  for (const name of documents) book(rowsOf(await readFile(join(outbox, name), "utf8")));

  async function ordersIn(kind: OrderKind): Promise<Row[]> {
    const rows = rowsOf((await textOf(join(folder, TABLES[kind]))) ?? "");
    for (const row of rows) count(kind, row);
    return rows;
  }

  function count(kind: OrderKind, { item = "", quantity }: Row): void {
    const account = accounts.get(item);
    if (account !== undefined) account[kind === "sale" ? "sold" : "bought"] += Number(quantity);
  }

  /** A quantity below zero takes back what was told before. */
  function book(rows: readonly Row[]): void {
    for (const { document, item = "", quantity } of rows) {
      const account = accounts.get(item);
      if (account === undefined) continue;
      const of = Number(quantity);
      account.onHand += document === "delivery" ? -of : of;
      if (document === "delivery") account.delivered += of;
      if (document === "receipt") account.received += of;
    }
  }

  return {
    async read(path) {
      if (path === TABLES.sale || path === TABLES.purchase)
        return csvOf(ORDER_COLUMNS, orders[path === TABLES.sale ? "sale" : "purchase"]);
      if (path === TABLES.level)
        return csvOf(
          ["item", "warehouse", "quantity"],
          [...accounts].map(([item, { onHand }]) => ({ item, warehouse: WAREHOUSE, quantity: onHand })),
        );
      const isTable = (Object.values(TABLES) as string[]).includes(path) || DOCUMENT_PATH.test(path);
      return isTable ? textOf(join(folder, path)) : undefined;
    },
    async put(path, text) {
      const name = DOCUMENT_PATH.exec(path)?.[1];
      if (name === undefined) return "refused";
      const rows = rowsOf(text);
      await writeFileAtomically(join(outbox, name), text);
      if (documents.has(name)) return "known";
      documents.add(name);
      book(rows);
      return "taken";
    },
    async order(kind, sku, quantity) {
      const now = new Date().toISOString();
      const order = `${kind === "sale" ? "WEB" : "BUY"}-${orders[kind].length + 1}`;
      const row: Row = {
        order,
        partner: kind === "sale" ? CUSTOMER : SUPPLIER,
        warehouse: WAREHOUSE,
        item: sku,
        quantity: String(quantity),
        unit: "piece",
        date: now.slice(0, 10),
        modified: now,
      };
      await write(TABLES[kind], csvOf(ORDER_COLUMNS, [...orders[kind], row]));
      orders[kind].push(row);
      count(kind, row);
      return order;
    },
    free(sku) {
      const { onHand, sold, delivered, bought, received } = accounts.get(sku)!;
      return { free: onHand - (sold - delivered), awaited: bought - received };
    },
  };
}

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

const rowsOf = (text: string): Row[] => parse(text, { columns: true, skip_empty_lines: true, bom: true }) as Row[];

/** No cell of these tables has a comma or a quote. */
const csvOf = <K extends string>(columns: readonly K[], rows: readonly Readonly<Record<K, unknown>>[]): string =>
  [columns.join(","), ...rows.map((row) => columns.map((column) => String(row[column])).join(","))].join("\n");

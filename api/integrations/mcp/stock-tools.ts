import { z } from "zod";
import { answer, rowsOf } from "./answer.ts";
import { addTool, type Caller, limit, more, placeId, rows, type ToolTaker } from "./tool.ts";

interface Level {
  id: number;
  name: string;
  sku: string;
  location_id: number;
  quantity: number;
  available: number;
  reorder_point: number;
  unit: string;
  source: string;
  measured_at: string | null;
}
interface Item {
  id: number;
  name: string;
  sku: string;
}
interface Piece {
  id: number;
  name: string;
  serial: string;
  state: string | null;
  location_id: number | null;
  vehicle_id: number | null;
  since: string | null;
}

/** Items that an answer tells the levels of. */
const MAX_ITEMS = 5;
const MAX_EVENTS = 20;

export function addStockTools(tools: ToolTaker, { ask }: Caller): void {
  addTool(tools, {
    name: "low_stock",
    title: "What is low, and why",
    description:
      "Lists stock positions at or below their reorder point, each with what is available, what is on order and under way, the projected level, " +
      "how fast it is used and how many days it lasts: why it is short, and whether help is on its way.",
    input: { location_id: placeId, limit },
    output: { rows, more },
    async run({ location_id, limit }) {
      const levels = await ask<Level[]>("/inventory-items", {
        below_reorder_point: true,
        location_id,
        limit: limit + 1,
      });
      const { rows: shown, more } = rowsOf(levels, limit);
      const told: object[] = [];
      for (const level of shown as Level[]) {
        const [outlook] = await ask<object[]>("/stock-outlooks", { inventory_item_id: level.id, limit: 1 });
        told.push({ ...outlook, ...level });
      }
      const lines = (shown as Level[]).map(
        ({ name, location_id: place, available, unit, reorder_point: point, source, measured_at: at }) =>
          `${name} at location ${place}: ${available} ${unit} available, reorder point ${point}, by ${source}${at === null ? "" : ` at ${at}`}`,
      );
      const words =
        lines.length === 0 ? "Nothing is low." : `${more ? "More than " : ""}${lines.length} low:\n${lines.join("\n")}`;
      return answer(words, { rows: told, more });
    },
  });
  addTool(tools, {
    name: "find_item",
    title: "Find a product, and where how much of it is",
    description:
      "Finds products by SKU, GTIN, barcode or part of the name, and for each of the first few tells its level at every location: quantity, reserved, " +
      "available, condition, and which sensor or ledger says so.",
    input: { q: z.string().min(1).max(255).describe("SKU, GTIN, barcode or name"), limit },
    output: { rows, levels: rows, more },
    async run({ q, limit }) {
      const page = rowsOf(await ask<Item[]>("/items", { q, limit: limit + 1 }), limit);
      const items = page.rows as Item[];
      const levels: Level[] = [];
      for (const { id } of items.slice(0, MAX_ITEMS)) {
        levels.push(...(await ask<Level[]>("/inventory-items", { item_id: id, limit: 200 })));
      }
      const lines = items.map(({ id, name, sku }) => {
        const own = levels.filter((level) => level.sku === sku);
        const sum = own.reduce((total, { available }) => total + available, 0);
        return `${name} (${sku}, id ${id}): ${own.length === 0 ? "no stock that you see" : `${sum} available at ${own.length} position(s)`}`;
      });
      const words = lines.length === 0 ? `No product matches "${q}".` : lines.join("\n");
      return answer(words, { ...page, levels }, ["levels", "rows"]);
    },
  });
  addTool(tools, {
    name: "where_is_serial",
    title: "Where a single piece is",
    description:
      "Finds a single piece by its serial number, or by the whole code of its label or tag (GTIN and serial), and tells where it is or was last, since when, " +
      "and its latest events: received, came, left, picked, aboard a vehicle, no longer read.",
    input: { serial: z.string().min(1).max(255).describe("serial number, or the code of a label or tag") },
    output: { rows, events: rows, more },
    async run({ serial }) {
      const page = rowsOf(await ask<Piece[]>("/serials", { code: serial, limit: 21 }), 20);
      const [piece, other] = page.rows as Piece[];
      if (piece === undefined) return answer(`No piece with the serial "${serial}" is known.`, { ...page, events: [] });
      if (other !== undefined) return answer(`Several pieces have this serial.`, { ...page, events: [] });
      const events = await ask<object[]>(`/serials/${piece.id}/events`, { limit: MAX_EVENTS });
      const where =
        piece.vehicle_id === null ? `location ${piece.location_id ?? "unknown"}` : `vehicle ${piece.vehicle_id}`;
      const words = `${piece.name}, serial ${piece.serial}: ${piece.state ?? "state unknown"}, ${where}, since ${piece.since ?? "an unknown time"}.`;
      return answer(words, { ...page, events }, ["events", "rows"]);
    },
  });
}

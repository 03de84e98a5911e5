import { z } from "zod";
import { answer, rowsOf } from "./answer.ts";
import { type Ask, Refused } from "./ask.ts";
import { placeEvents } from "./place-queries.ts";
import { addTool, type Caller, limit, more, placeId, rows, type ToolTaker } from "./tool.ts";

interface Place {
  id: number;
  name: string;
}
interface Hit {
  kind: string;
  id: number | string;
  title: string;
  detail: string | null;
}
interface AlertRow {
  id: number;
  severity: string;
  type: string;
  state: string;
  title?: string;
  subject: string;
  opened_at: string;
}

const time = z.iso.datetime({ offset: true });

export function addPlaceTools(tools: ToolTaker, { ask, db }: Caller): void {
  addTool(tools, {
    name: "gate_history",
    title: "What happened at a gate or place",
    description:
      "Tells what happened at a location, such as a gate, dock, shelf or hall, and at the places within it, between two times: which shipments came and " +
      "left, and which goods were put, taken or counted there, newest first. Give the id or the name of the location.",
    input: {
      location: z.union([z.number().int().min(1), z.string().min(1).max(255)]).describe("id or name of the location"),
      from: time.describe("ISO 8601 with offset"),
      to: time.optional().describe("ISO 8601 with offset; by default now"),
      limit,
    },
    output: { rows, candidates: rows, more },
    async run({ location, from, to, limit }) {
      const found = await placesBy(ask, location);
      const [place, other] = found;
      if (place === undefined) throw new Refused(`there is no location "${location}"`);
      if (other !== undefined) {
        const words = `${found.length} locations match "${location}": ask again with the id of one.`;
        return answer(words, { rows: [], candidates: found, more: false }, ["candidates"]);
      }
      if (to !== undefined && Date.parse(from) >= Date.parse(to)) throw new Refused("from: must be before to");
      const page = rowsOf(await placeEvents(db, place.id, { from, to, limit: limit + 1 }), limit);
      const lines = (page.rows as Awaited<ReturnType<typeof placeEvents>>).map(
        ({ at, event, what }) => `${at.toISOString()}: ${what} ${event}`,
      );
      const span = `at ${place.name} between ${from} and ${to ?? "now"}`;
      const words = lines.length === 0 ? `Nothing happened ${span}.` : `What happened ${span}:\n${lines.join("\n")}`;
      return answer(words, { ...page, candidates: [] });
    },
  });
  addTool(tools, {
    name: "alerts",
    title: "What needs a person",
    description:
      "Lists alerts, the newest first: low or out of stock, late shipments, excursions of temperature, silent devices and others. By default those that are not resolved.",
    input: {
      active: z.boolean().default(true).describe("false: resolved ones too"),
      severity: z.enum(["info", "warning", "critical"]).optional(),
      type: z.string().max(64).optional().describe("such as low_stock, late, excursion"),
      location_id: placeId,
      limit,
    },
    output: { rows, more },
    async run({ active, severity, type, location_id, limit }) {
      const query = { active: active ? true : undefined, severity, type, location_id, limit: limit + 1 };
      const page = rowsOf(await ask<AlertRow[]>("/alerts", query), limit);
      const lines = (page.rows as AlertRow[]).map(
        ({ severity, type, state, subject, title, opened_at: at }) =>
          `${severity} ${type} (${state}): ${title ?? subject}, since ${at}`,
      );
      return answer(lines.length === 0 ? "There are no such alerts." : lines.join("\n"), { ...page });
    },
  });
  addTool(tools, {
    name: "search",
    title: "Search everything",
    description:
      "Finds shipments, boxes, pieces, lots, products, locations, vehicles, orders, parties and devices by names, codes and numbers, best matches first. " +
      "Use it to learn the id of a thing for the other tools.",
    input: { q: z.string().min(1).max(255), limit },
    output: { rows, more },
    async run({ q, limit }) {
      const page = rowsOf(await ask<Hit[]>("/search", { q }), limit);
      const lines = (page.rows as Hit[]).map(
        ({ kind, id, title, detail }) => `${kind} ${id}: ${title}${detail === null ? "" : ` (${detail})`}`,
      );
      return answer(lines.length === 0 ? `Nothing matches "${q}".` : lines.join("\n"), { ...page });
    },
  });
}

/** The location with this id or exactly this name, else those whose names contain it. */
async function placesBy(ask: Ask, location: number | string): Promise<Place[]> {
  if (typeof location === "number" || /^\d{1,9}$/.test(location)) return [await ask<Place>(`/locations/${location}`)];
  const found = await ask<Place[]>("/locations", { q: location, limit: 20 });
  const exact = found.filter(({ name }) => name.toLowerCase() === location.trim().toLowerCase());
  return exact.length === 1 ? exact : found;
}

import { z } from "zod";
import type { Shipment } from "../../resources/shipments/schema.ts";
import type { ShipmentEventView } from "../../resources/shipments/history-schema.ts";
import { answer, rowsOf } from "./answer.ts";
import { type Ask, Refused } from "./ask.ts";
import { addTool, type Caller, limit, more, placeId, rows, type ToolTaker } from "./tool.ts";

/** As JSON tells it: times are texts. */
type Told<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] };
type ReportedShipment = Told<Shipment> & { id: number };
type ReportedEvent = Told<ShipmentEventView>;

/** The newest events that an answer holds; the whole history may have thousands. */
const MAX_EVENTS = 50;

export function addShipmentTools(tools: ToolTaker, { ask }: Caller): void {
  addTool(tools, {
    name: "find_shipment",
    title: "Find a shipment, and why it is where it is",
    description:
      "Finds a shipment by anything that identifies it: its id, tracking number, the SSCC of one of its boxes in any spelling " +
      "(with or without (00), a GS1 Digital Link, an EPC), the customer's reference, or part of its product's name. " +
      "When one matches, tells where it is, since when, when it is expected, and its latest events with the rule, the evidence (which " +
      "device read what, or which person said so) and the confidence behind each. When several match, lists them: ask again with an id.",
    input: { q: z.string().min(1).max(255).describe("id, tracking number, SSCC, reference or product") },
    output: { rows, events: rows, more },
    async run({ q }) {
      const found = await shipmentsBy(ask, q.trim());
      if (found.length === 0) return answer(`No shipment matches "${q}".`, { rows: [], events: [], more: false });
      if (found.length > 1) {
        const page = rowsOf(found, 20);
        const words = `${found.length > 20 ? "More than 20" : found.length} shipments match "${q}": ask again with the id of one.`;
        return answer(words, { ...page, events: [] });
      }
      const [shipment] = found as [ReportedShipment];
      const all = await ask<ReportedEvent[]>(`/shipments/${shipment.id}/events`, { limit: 1000 });
      const events = all.slice(-MAX_EVENTS);
      const place = await placeName(ask, shipment.location_id);
      const words = storyOf(shipment, events, place);
      return answer(words, { rows: [shipment], events, more: all.length > events.length }, ["events", "rows"]);
    },
  });
  addTool(tools, {
    name: "late_shipments",
    title: "What is late, or will be",
    description:
      "Lists shipments under way that are late (their due time has passed, or the estimate of their arrival has passed it), soonest due first; " +
      "with at_risk true those that are not late yet but may well be. Each has due_at, promise and eta with its basis.",
    input: {
      at_risk: z.boolean().default(false).describe("true: not late yet, but one in ten would come after the promise"),
      location_id: placeId,
      limit,
    },
    output: { rows, more },
    async run({ at_risk: atRisk, location_id, limit }) {
      const query = { ...(atRisk ? { at_risk: true } : { late: true }), location_id, limit: limit + 1 };
      const page = rowsOf(await ask<ReportedShipment[]>("/shipments", query), limit);
      const kind = atRisk ? "at risk" : "late";
      const lines = (page.rows as ReportedShipment[]).map(
        ({ tracking_number, product_name, quantity, due_at, eta }) =>
          `${tracking_number} (${product_name}, ${quantity}): due ${due_at ?? "at no time"}, expected ${eta?.p50 ?? "at no known time"}`,
      );
      const words = lines.length === 0 ? `No shipment is ${kind}.` : `${countOf(page)} ${kind}:\n${lines.join("\n")}`;
      return answer(words, { ...page });
    },
  });
}

const countOf = ({ rows, more }: { rows: readonly object[]; more: boolean }): string =>
  more ? `More than ${rows.length} shipments are` : `${rows.length} shipment${rows.length === 1 ? " is" : "s are"}`;

/** The one with this id, else those that the list finds. */
async function shipmentsBy(ask: Ask, q: string): Promise<ReportedShipment[]> {
  const found = await ask<ReportedShipment[]>("/shipments", { q, limit: 21 });
  const exact = found.filter(({ tracking_number, reference }) => tracking_number === q || reference === q);
  if (exact.length === 1) return exact;
  if (!/^#?\d{1,9}$/.test(q)) return found;
  const byId = await ask<ReportedShipment>(`/shipments/${q.replace("#", "")}`).catch((error: unknown) => {
    if (error instanceof Refused) return undefined;
    throw error;
  });
  return byId === undefined ? found : [byId];
}

async function placeName(ask: Ask, id: number | null): Promise<string | undefined> {
  if (id === null) return undefined;
  try {
    return (await ask<{ name: string }>(`/locations/${id}`)).name;
  } catch (error) {
    // It stands at a place that this caller does not see.
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function storyOf(shipment: ReportedShipment, events: readonly ReportedEvent[], place: string | undefined): string {
  const { tracking_number, product_name, quantity, status, stage, stage_since, vehicle_id, due_at, promise, eta } =
    shipment;
  const where = place ?? (vehicle_id === null ? "a place that you do not see" : `vehicle ${vehicle_id}`);
  const last = events.findLast(({ voided, type }) => voided === null && type !== "void");
  return [
    `${tracking_number} (${product_name}, ${quantity}) is ${status.replaceAll("_", " ")} at ${where}, stage ${stage} since ${stage_since}.`,
    `Promise: ${promise ?? "none"}; due ${due_at ?? "at no time"}; expected ${eta?.p50 ?? "at no known time"}.`,
    ...(last === undefined
      ? []
      : [
          `It is there because of "${last.type}" at ${last.at}, by the rule ${last.rule}, confidence ${last.confidence}, ${evidenceOf(last)}.`,
        ]),
  ].join("\n");
}

function evidenceOf({ evidence, actor_name: name }: ReportedEvent): string {
  const said = evidence.map(({ device_id: device, kind, ts, actor_id: actor, client_id: client, note }) => {
    const who =
      device === undefined
        ? actor === undefined
          ? `client ${name ?? client ?? "unknown"}`
          : `person ${name ?? actor}`
        : `device ${device}`;
    return [who, kind, ts, note].filter((each) => each !== undefined).join(" ");
  });
  return said.length === 0 ? "without evidence of its own" : `evidence: ${said.slice(0, 5).join("; ")}`;
}

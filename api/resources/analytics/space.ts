import { z } from "@hono/zod-openapi";
import { fullestOf, MEASURES } from "../../../ingest/domain/stock/capacity.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { decodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { nowOf, type Period, periodFilter, periodOf, type Report, rounded, roundedOrNull, sumsAsOf } from "./report.ts";
import { type Change, MOST_PLACES, type Place, readChanges, readPlaces, type Room } from "./space-queries.ts";

const DAYS = 7;

const used = z.number().describe("by the stock of the place and of everything below it");
const room = z.number().nullable().describe("as it is set now; null: none is set");

const row = z
  .object({
    location_id: id,
    location_name: z.string(),
    at: timestamp.describe("end of the hour or day (UTC); the last one is now"),
    used_percent: z.number().nullable().describe("of the measure that is nearest to its capacity"),
    fullest: z.enum(MEASURES).nullable(),
    used_units: used,
    capacity_units: room,
    used_litres: used,
    capacity_litres: room,
    used_kilograms: used,
    capacity_kilograms: room,
    units_without_volume: z.number().describe("now there, of items whose volume is not known: they take room, too"),
    units_without_weight: z.number(),
    as_of: timestamp,
  })
  .openapi("SpaceRow");

const query = z.strictObject({
  location_id: queryId.optional().describe("this location alone; without it, all that have a capacity"),
  interval: z.enum(["hour", "day"]).default("day"),
  ...periodFilter("the times to tell of", DAYS),
});

/** Place and time of the last row, and the now of the first page: it is a time of each place. */
const pageCursor = z.tuple([z.number().int(), z.iso.datetime(), z.iso.datetime()]);

const INTERVAL_MS = { hour: 3_600_000, day: 86_400_000 };

/** The ends of hours or days in a period, the newest first: that is now, when the period goes on. */
function endsOf({ from, to }: Period, interval: "hour" | "day", now: Date): Date[] {
  const step = INTERVAL_MS[interval];
  const last = Math.min(to.getTime(), now.getTime());
  const ends = [last];
  const boundary = Math.floor((last - 1) / step) * step;
  for (let end = boundary; end >= from.getTime(); end -= step) ends.push(end);
  return ends.map((end) => new Date(end));
}

async function page(
  db: Reader,
  { location_id: locationId, interval, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const after = decodeCursor(cursor, pageCursor);
  const now = nowOf(after?.[2]);
  const period = periodOf({ from: asked.from, to: asked.to ?? now }, DAYS);
  const ends = endsOf(period, interval, now);
  const asOf = await sumsAsOf(db, "stock_hours_due");
  const rows: z.output<typeof row>[] = [];
  for (let from = after?.[0] ?? 0, isLast = false; rows.length <= limit && !isLast;) {
    const places = await readPlaces(db, locationId, from);
    const changes = await readChanges(db, places, interval, period.from);
    for (const place of places) {
      const levels = levelsOf(place, changes.get(place.id) ?? [], ends, asOf);
      const isFirst = after !== undefined && place.id === after[0];
      rows.push(...(isFirst ? levels.filter(({ at }) => at.getTime() > Date.parse(after[1])) : levels));
    }
    isLast = places.length < MOST_PLACES;
    from = (places.at(-1)?.id ?? from) + 1;
  }
  return pageOf(rows.slice(0, limit + 1), limit, (last) => [
    last.location_id,
    last.at.toISOString(),
    now.toISOString(),
  ]);
}

/** What is there now, less what has changed since. In order of time. */
function levelsOf(place: Place, changes: readonly Change[], ends: readonly Date[], asOf: Date): z.output<typeof row>[] {
  const newestFirst = changes.toSorted((a, b) => b.begin.getTime() - a.begin.getTime());
  const level: Room = { units: place.units, litres: place.litres, kilograms: place.kilograms };
  let next = 0;
  return ends
    .map((end) => {
      for (; next < newestFirst.length && newestFirst[next]!.begin >= end; next += 1) {
        for (const measure of MEASURES) level[measure] -= newestFirst[next]![measure];
      }
      return rowOf(place, { ...level }, end, asOf);
    })
    .toReversed();
}

function rowOf(place: Place, level: Room, at: Date, asOf: Date): z.output<typeof row> {
  const rooms = {
    units: { capacity: place.capacity_units, used: level.units },
    litres: { capacity: place.capacity_litres, used: level.litres },
    kilograms: { capacity: place.capacity_kilograms, used: level.kilograms },
  };
  const fullest = fullestOf(rooms);
  return {
    location_id: place.id,
    location_name: place.name,
    at,
    used_percent: roundedOrNull(fullest?.percent, 1),
    fullest: fullest?.measure ?? null,
    used_units: rounded(level.units),
    capacity_units: place.capacity_units,
    used_litres: rounded(level.litres),
    capacity_litres: place.capacity_litres,
    used_kilograms: rounded(level.kilograms),
    capacity_kilograms: place.capacity_kilograms,
    units_without_volume: place.units_without_volume,
    units_without_weight: place.units_without_weight,
    as_of: asOf,
  };
}

export const space: Report<typeof query> = {
  kind: "space",
  question: "How full are places, and how has that changed?",
  query,
  row,
  page,
};

import { z } from "@hono/zod-openapi";
import { invalid } from "../../http/problem.ts";
import type { Box } from "../../live/stream-view.ts";
import { TOPICS } from "../../live/topics.ts";

export const streamQuery = z.strictObject({
  topics: z
    .string()
    .max(256)
    .optional()
    .describe(`some of ${TOPICS.join(", ")}; all by default`),
  bbox: z
    .string()
    .max(128)
    .optional()
    .describe("west,south,east,north in degrees: only positions inside (RFC 7946 §5)"),
});

/** Parses a bounding box. @throws Problem 400 unless it is four numbers in degrees, south not above north */
export function parseBox(text: string | undefined): Box | undefined {
  if (text === undefined) return undefined;
  const [west, south, east, north, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const box = {
    west: west ?? Number.NaN,
    south: south ?? Number.NaN,
    east: east ?? Number.NaN,
    north: north ?? Number.NaN,
  };
  const isBox =
    more.length === 0 &&
    [box.west, box.east].every((lon) => Math.abs(lon) <= 180) &&
    [box.south, box.north].every((lat) => Math.abs(lat) <= 90) &&
    box.south <= box.north;
  if (!isBox) throw invalid("/bbox", "expected west,south,east,north in degrees");
  return box;
}

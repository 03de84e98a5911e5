import { z } from "@hono/zod-openapi";
import { checkPolygon } from "../../../ingest/domain/geo/check-polygon.ts";

/** Of all rings together: checking that no edge crosses another takes the square of it. */
const MAX_POINTS = 5000;

const position = z.tuple([z.number(), z.number()]).rest(z.number());
const polygon = z.array(z.array(position).max(2000)).min(1).max(20);
const bbox = z.array(z.number()).min(4).max(6).optional();

const circleFence = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  radius_m: z.number().positive().max(1_000_000),
});
const polygonFence = z
  .strictObject({ type: z.literal("Polygon"), coordinates: polygon, bbox })
  .superRefine(({ coordinates }, context) => addFaults(coordinates, ["coordinates"], context))
  .transform(({ type, coordinates }) => ({ type, coordinates }));
const multiPolygonFence = z
  .strictObject({ type: z.literal("MultiPolygon"), coordinates: z.array(polygon).min(1).max(50), bbox })
  .superRefine(({ coordinates }, context) => {
    const points = coordinates.flat().reduce((sum, ring) => sum + ring.length, 0);
    if (points > MAX_POINTS) return addTooMany(points, context);
    for (const [part, rings] of coordinates.entries()) addFaults(rings, ["coordinates", part], context);
  })
  .transform(({ type, coordinates }) => ({ type, coordinates }));

function addFaults(rings: z.output<typeof polygon>, path: (string | number)[], context: z.RefinementCtx): void {
  const points = rings.reduce((sum, ring) => sum + ring.length, 0);
  if (points > MAX_POINTS) return addTooMany(points, context);
  const part = typeof path[1] === "number" ? `polygon ${path[1]}, ` : "";
  // A third number is an altitude.
  const flat = rings.map((ring) => ring.map(([lon, lat]) => [lon, lat] as const));
  for (const fault of checkPolygon(flat)) {
    context.addIssue({ code: "custom", path: [...path, ...fault.path], message: `${part}${fault.message}` });
  }
}

function addTooMany(points: number, context: z.RefinementCtx): void {
  const message = `${points} points are too many, at most ${MAX_POINTS} are allowed: simplify the outline`;
  context.addIssue({ code: "custom", path: ["coordinates"], message });
}

function schemaFor(value: unknown): z.ZodType | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "expected an object";
  const { type } = value as { type?: unknown };
  if (type === "Polygon") return polygonFence;
  if (type === "MultiPolygon") return multiPolygonFence;
  if (type === undefined && ("lat" in value || "lon" in value || "radius_m" in value)) return circleFence;
  if (type === "Feature") return "is a Feature: send the object in its field geometry";
  if (type === "Point") return "a point has no area: send a circle {lat, lon, radius_m}";
  return "expected a GeoJSON Polygon or MultiPolygon, or a circle {lat, lon, radius_m}";
}

type Fence = z.output<typeof circleFence> | z.output<typeof polygonFence> | z.output<typeof multiPolygonFence>;

const number = { type: "number" } as const;
const ringsSchema = {
  type: "array",
  minItems: 1,
  maxItems: 20,
  items: { type: "array", minItems: 4, maxItems: 2000, items: { type: "array", minItems: 2, items: number } },
} as const;

/**
 * A GeoJSON Polygon or MultiPolygon (RFC 7946 §3.1.6, §3.1.7), or a circle. The kind is looked at first, so that a mistake
 * is named where it is, and not as "none of three kinds".
 */
export const geofence = z
  .unknown()
  .transform((value, context): Fence => {
    const schema = schemaFor(value);
    if (typeof schema === "string") {
      context.addIssue({ code: "custom", message: `geofence: ${schema}` });
      return z.NEVER;
    }
    const result = schema.safeParse(value);
    if (result.success) return result.data as Fence;
    for (const issue of result.error.issues) {
      const unknown = issue.code === "unrecognized_keys" ? issue.keys : undefined;
      for (const key of unknown ?? []) {
        context.addIssue({ code: "custom", path: [...issue.path, key], message: `unknown field "${key}"` });
      }
      if (!unknown) context.addIssue({ code: "custom", path: [...issue.path], message: issue.message });
    }
    return z.NEVER;
  })
  .openapi({
    oneOf: [
      {
        type: "object",
        required: ["type", "coordinates"],
        properties: { type: { type: "string", enum: ["Polygon"] }, coordinates: ringsSchema },
      },
      {
        type: "object",
        required: ["type", "coordinates"],
        properties: {
          type: { type: "string", enum: ["MultiPolygon"] },
          coordinates: { type: "array", minItems: 1, maxItems: 50, items: ringsSchema },
        },
      },
      {
        type: "object",
        required: ["lat", "lon", "radius_m"],
        properties: {
          lat: { ...number, minimum: -90, maximum: 90 },
          lon: { ...number, minimum: -180, maximum: 180 },
          radius_m: { ...number, exclusiveMinimum: 0, maximum: 1_000_000 },
        },
      },
      // What may be left out may be null, too.
      { type: "null" },
    ],
  });

/** A geofence in responses. */
export const storedGeofence = z.union([
  z.object({ type: z.literal("Polygon"), coordinates: z.array(z.array(z.array(z.number()))) }),
  z.object({ type: z.literal("MultiPolygon"), coordinates: z.array(z.array(z.array(z.array(z.number())))) }),
  z.object({ lat: z.number(), lon: z.number(), radius_m: z.number() }),
]);

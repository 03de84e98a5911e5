import type { Ring } from "./geofence.ts";

type Position = Ring[number];

/** An edge from position `index` to the next; `west` and `east` bound its longitudes. */
interface Edge {
  index: number;
  /** its place among the edges that have a length */
  order: number;
  a: Position;
  b: Position;
  west: number;
  east: number;
}

/**
 * The first two edges that meet, by the index of the position they begin at: of one ring (edges that follow each other
 * share a point and may not fold back), or an edge of `ring` and one of `other` that cross. Rings must be continuous.
 */
export function findCrossing(ring: Ring, other?: Ring): [number, number] | undefined {
  const edges = edgesOf(ring);
  const pairs = other ? edgesOf(other) : edges;
  const sorted = pairs.toSorted((a, b) => a.west - b.west);
  let first: [number, number] | undefined;
  for (const edge of edges) {
    for (const candidate of sorted) {
      if (candidate.west > edge.east) break;
      if (candidate.east < edge.west || (!other && candidate.index <= edge.index)) continue;
      const meets = other ? crosses(edge, candidate) : touches(edge, candidate, edges.length);
      if (meets && (first === undefined || edge.index < first[0])) first = [edge.index, candidate.index];
    }
    if (first) return first;
  }
  return undefined;
}

/** Without edges of no length: tools repeat a point. */
function edgesOf(ring: Ring): Edge[] {
  const edges: Edge[] = [];
  for (let index = 0; index + 1 < ring.length; index += 1) {
    const [a, b] = [ring[index]!, ring[index + 1]!];
    if (a[0] === b[0] && a[1] === b[1]) continue;
    edges.push({ index, order: edges.length, a, b, west: Math.min(a[0], b[0]), east: Math.max(a[0], b[0]) });
  }
  return edges;
}

/** Whether two edges of one ring meet other than end to start. */
function touches(first: Edge, second: Edge, edgeCount: number): boolean {
  if (second.order === first.order + 1) return foldsBack(first.a, first.b, second.b);
  if (first.order === 0 && second.order === edgeCount - 1) return foldsBack(second.a, second.b, first.b);
  const sides = sidesOf(first, second);
  if (crossesBy(sides)) return true;
  // A point of one edge on the other one.
  return (
    (sides[0] === 0 && isBetween(second.a, second.b, first.a)) ||
    (sides[1] === 0 && isBetween(second.a, second.b, first.b)) ||
    (sides[2] === 0 && isBetween(first.a, first.b, second.a)) ||
    (sides[3] === 0 && isBetween(first.a, first.b, second.b))
  );
}

function crosses(first: Edge, second: Edge): boolean {
  return crossesBy(sidesOf(first, second));
}

/** On which side of the second edge the ends of the first lie, and of the first edge those of the second. */
function sidesOf(first: Edge, second: Edge): [number, number, number, number] {
  return [
    side(second.a, second.b, first.a),
    side(second.a, second.b, first.b),
    side(first.a, first.b, second.a),
    side(first.a, first.b, second.b),
  ];
}

function crossesBy([a, b, c, d]: readonly [number, number, number, number]): boolean {
  return a * b < 0 && c * d < 0;
}

function side(a: Position, b: Position, p: Position): number {
  return Math.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]));
}

/** Whether a point on the line through the edge lies on the edge. */
function isBetween(a: Position, b: Position, p: Position): boolean {
  return (
    Math.min(a[0], b[0]) <= p[0] &&
    p[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= p[1] &&
    p[1] <= Math.max(a[1], b[1])
  );
}

/** Whether the way a, b, c turns back on itself at b. */
function foldsBack(a: Position, b: Position, c: Position): boolean {
  if (side(a, b, c) !== 0) return false;
  return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0;
}

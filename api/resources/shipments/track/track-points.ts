/** The points of a track, column by column: longitude and latitude in degrees (WGS 84), metres per second (NaN: not sent). */
export interface TrackPoints {
  lon: Float64Array;
  lat: Float64Array;
  /** epoch milliseconds */
  ts: Float64Array;
  speed: Float64Array;
}

type Column = keyof TrackPoints;

/** The points at these places, in their order. */
export function pointsAt(points: TrackPoints, places: Uint32Array): TrackPoints {
  return columnsBy((name) => {
    const column = points[name];
    const chosen = new Float64Array(places.length);
    for (let at = 0; at < places.length; at += 1) chosen[at] = column[places[at]!]!;
    return chosen;
  });
}

/** The points of several parts, one after the other. */
export function joined(parts: readonly TrackPoints[]): TrackPoints {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const count = parts.reduce((sum, { ts }) => sum + ts.length, 0);
  return columnsBy((name) => {
    const column = new Float64Array(count);
    let from = 0;
    for (const part of parts) {
      column.set(part[name], from);
      from += part[name].length;
    }
    return column;
  });
}

/** Two tracks in the order of time as one; at the same time, points of the first come first. */
export function mergedByTime(first: TrackPoints, second: TrackPoints): TrackPoints {
  const count = first.ts.length;
  const places = new Uint32Array(count + second.ts.length);
  let [a, b] = [0, 0];
  for (let at = 0; at < places.length; at += 1) {
    const isFirst = b === second.ts.length || (a < count && first.ts[a]! <= second.ts[b]!);
    places[at] = isFirst ? a++ : count + b++;
  }
  return pointsAt(joined([first, second]), places);
}

/** The points at least `ms` away from all of these times. @param times in their order */
export function farFrom(points: TrackPoints, times: Float64Array, ms: number): TrackPoints {
  let next = 0;
  const places = Uint32Array.from(points.ts.keys()).filter((at) => {
    const ts = points.ts[at]!;
    while (next < times.length && times[next]! <= ts - ms) next += 1;
    return next === times.length || times[next]! >= ts + ms;
  });
  return pointsAt(points, places);
}

function columnsBy(of: (name: Column) => Float64Array): TrackPoints {
  return { lon: of("lon"), lat: of("lat"), ts: of("ts"), speed: of("speed") };
}

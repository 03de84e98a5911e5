import type { ApiClient } from "../platform/api-client.ts";
import type { Jam } from "../world/jam.ts";

/** A place as the API ranks it. */
export interface RankedPlace {
  rank: number;
  location_id: number;
  reason: string;
}

export interface BottleneckScore {
  /** where the world holds goods up; undefined: nowhere */
  jam: string | undefined;
  /** the rank of that place; undefined: it is not told of */
  rank: number | undefined;
  /** what the API says of the first place */
  first: string | undefined;
}

/** Whether the place where goods are held up is the first of the ranking. */
export function scoreBottlenecks(
  jam: Jam | undefined,
  ranked: readonly RankedPlace[],
  placeOf: (locationId: number) => string | undefined,
): BottleneckScore {
  const of = ranked.find(({ location_id: id }) => placeOf(id) === jam?.site.name);
  const [first] = ranked;
  const told = first && `${placeOf(first.location_id) ?? first.location_id}: ${first.reason}`;
  return { jam: jam?.site.name, rank: of?.rank, first: told };
}

/** Asks for the ranking since the jam began. @param endMs end of simulated time, epoch milliseconds */
export async function readBottlenecks(
  api: ApiClient,
  jam: Jam | undefined,
  endMs: number,
  placeOf: (locationId: number) => string | undefined,
): Promise<BottleneckScore> {
  if (jam === undefined) return scoreBottlenecks(jam, [], placeOf);
  const period = `from=${new Date(jam.fromMs).toISOString()}&to=${new Date(endMs).toISOString()}`;
  return scoreBottlenecks(jam, await api.list<RankedPlace>(`/analytics/bottlenecks?${period}`), placeOf);
}

/** In words; empty: the jam is found, or there is none. */
export const missedJam = ({ jam, rank }: BottleneckScore): string[] =>
  jam === undefined || rank === 1 ? [] : [`the jam at ${jam}: rank ${rank ?? "none"}, the first wanted`];

import { getAll, Problem } from "../../state/client.ts";
import { MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import type { Places } from "./device-fields.ts";

/** What devices can be mounted on, and the profiles that they can have, by name. */
export async function loadPlaces(signal: AbortSignal): Promise<Places> {
  const [locations, vehicles, items, profiles] = await Promise.all([
    getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
    getAll(`/vehicles?${PAGE_QUERY}`, MAX_ROWS, signal),
    getAll(`/items?${PAGE_QUERY}`, MAX_ROWS, signal),
    // A profile concerns the whole installation: for people with limits there is none.
    getAll(`/device-profiles?${PAGE_QUERY}`, MAX_ROWS, signal).catch((cause: unknown) => {
      if (cause instanceof Problem && cause.status === 404) return { rows: [] };
      throw cause;
    }),
  ]);
  const choices = (rows: { id: number; name: string }[]) =>
    rows.map(({ id, name }) => [id, name] as const).toSorted(([, a], [, b]) => a.localeCompare(b));
  return {
    locations: choices(locations.rows),
    vehicles: choices(vehicles.rows),
    items: choices(items.rows),
    profiles: choices(profiles.rows),
  };
}

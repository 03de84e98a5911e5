import { getAll } from "../state/client.ts";
import type { Location } from "../state/resources.ts";
import { MAX_ROWS, PAGE_QUERY } from "./entry-page.tsx";

/** All locations by name, to be chosen from. */
export async function loadLocations(signal: AbortSignal): Promise<Location[]> {
  const { rows } = await getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal);
  return rows.toSorted((a, b) => a.name.localeCompare(b.name));
}

import type { Location } from "../state/resources.ts";

interface Limits {
  location_ids: number[] | null;
  owner_ids: number[] | null;
}

/** What a user or API client may see, in words. */
export function limitsText({ location_ids, owner_ids }: Limits, locations: readonly Location[]): string {
  const parts: string[] = [];
  if (location_ids !== null) {
    const names = location_ids.map((id) => locations.find((place) => place.id === id)?.name ?? `location ${id}`);
    parts.push(names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", "));
  }
  if (owner_ids !== null) parts.push(`owners ${owner_ids.join(", ")}`);
  return parts.length === 0 ? "all locations" : `only ${parts.join("; ")}`;
}

import { getAll } from "../../state/client.ts";
import { useLoad } from "./use-load.ts";

const MAX_ITEMS = 5000;

/** The products of the catalogue, to be chosen from. */
export function useItems(): (readonly [id: number, name: string])[] {
  const loaded = useLoad("items", null, (signal) => getAll("/items?limit=200", MAX_ITEMS, signal));
  return (loaded?.value?.rows ?? [])
    .map(({ id, sku, name }) => [id, `${name} (${sku})`] as const)
    .toSorted(([, a], [, b]) => a.localeCompare(b));
}

/** The parties with a role, to be chosen from. */
export function useParties(role: "customer" | "supplier" | "owner"): (readonly [id: number, name: string])[] {
  const loaded = useLoad(`parties ${role}`, null, (signal) =>
    getAll(`/parties?role=${role}&limit=200`, MAX_ITEMS, signal),
  );
  return choicesOf(loaded?.value?.rows ?? []);
}

/** Rows with names, to be chosen from. */
export const choicesOf = (rows: Iterable<{ id: number; name: string }>): (readonly [id: number, name: string])[] =>
  [...rows].map(({ id, name }) => [id, name] as const).toSorted(([, a], [, b]) => a.localeCompare(b));

/** Choices with the one of now, which may not be loaded yet, or not be seen by this person: a form must not empty its field. */
export const withChosen = (
  choices: readonly (readonly [id: number, name: string])[],
  chosen: number | null | undefined,
): readonly (readonly [id: number, name: string])[] =>
  chosen === null || chosen === undefined || choices.some(([id]) => id === chosen)
    ? choices
    : [[chosen, `number ${chosen}`], ...choices];

import type { Answer, IfThere } from "../../state/operations.ts";
import { type Loaded, useGet } from "./use-load.ts";

/**
 * A row of the live data, or, where that does not hold it because its list is longer than the page loads, the row as the
 * server has it now.
 * @param known the row of the live data
 */
export function useFound<P extends `/${string}`>(
  known: Answer<"get", P> | undefined,
  path: P,
): Loaded<Answer<"get", P>> {
  const isUnknown = known === undefined;
  const loaded = useGet(isUnknown ? path : undefined, isUnknown as IfThere<"get", P, boolean>);
  return known === undefined ? loaded : { value: known, problem: null };
}

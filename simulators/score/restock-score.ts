import type { ApiClient } from "../platform/api-client.ts";
import { pause } from "../run/pause.ts";

/** A restock order as the API lists it. */
interface DraftRow {
  id: number;
  /** the stock position that is short; null: a person made the order */
  made_for: number | null;
}

/** A stock position that is short. */
interface OpenShortage {
  id: number;
}

export interface RestockScore {
  shortages: number;
  /** shortages without a draft restock order */
  undrafted: number;
  /** drafts beyond the first of a stock position */
  doubled: number;
}

/** A shortage has its draft after so long at most, milliseconds. */
const DRAFT_MS = 65_000;

const POLL_MS = 1_000;

/** Scores the drafts of the shortages that are open at the end: each has one. */
export function scoreRestock(shortages: readonly OpenShortage[], drafts: readonly DraftRow[]): RestockScore {
  const made = drafts.flatMap(({ made_for }) => made_for ?? []);
  const drafted = new Set(made);
  return {
    shortages: shortages.length,
    undrafted: shortages.filter(({ id }) => !drafted.has(id)).length,
    doubled: made.length - drafted.size,
  };
}

/**
 * Reads shortages and drafts until each shortage has one, as long as that may take: what is short since just now has none yet.
 * @param stockIds the positions of this world: the platform may hold those of others
 */
export async function readRestock(
  api: ApiClient,
  stockIds: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<RestockScore> {
  const until = performance.now() + DRAFT_MS;
  for (;;) {
    const shortages = await api.list<OpenShortage>("/reorder-suggestions");
    const drafts = await api.list<DraftRow>("/orders?kind=restock&status=draft");
    const score = scoreRestock(
      shortages.filter(({ id }) => stockIds.has(id)),
      drafts.filter(({ made_for: id }) => id !== null && stockIds.has(id)),
    );
    if (score.undrafted === 0 || performance.now() > until || signal.aborted) return score;
    await pause(POLL_MS, signal);
  }
}

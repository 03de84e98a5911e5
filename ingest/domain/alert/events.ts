import type { AlertRule } from "./rule.ts";

/*
 * Rules for what happens, rather than for how things are: pieces are taken, a vehicle comes. Every fact counts once, by its
 * id: one that is derived again has the same. While an alert is open, more of the same belongs to it.
 */

/** What happened, from a fact. Times in epoch milliseconds. */
export interface AlertedFact {
  id: number;
  at: number;
  recordedAt: number;
  late: boolean;
  /** it proved wrong, or was explained */
  isWithdrawn: boolean;
  detail: Readonly<Record<string, unknown>>;
}

/** What is remembered of a rule and a subject. */
export interface SeenFacts {
  lastFactId: number;
  /** an alert is open for them */
  isOpen: boolean;
}

export interface EventStep {
  /** undefined: nothing is new */
  lastFactId: number | undefined;
  effect: "open" | "again" | "resolve" | undefined;
  /** the facts that are new, in order */
  news: readonly AlertedFact[];
}

/** @param facts those of the subject that the rule is about, by id: all of the last weeks, withdrawn ones included */
export function nextEvents(
  { createdAt }: Pick<AlertRule, "createdAt">,
  seen: SeenFacts | undefined,
  facts: readonly AlertedFact[],
): EventStep {
  const isKnown = (fact: AlertedFact) =>
    seen === undefined ? fact.recordedAt <= createdAt : fact.id <= seen.lastFactId;
  const fresh = facts.filter((fact) => !isKnown(fact));
  const news = fresh.filter(({ isWithdrawn }) => !isWithdrawn);
  // A withdrawn fact may stand again later, so it is not passed over before it was seen standing.
  const lastFactId = news.at(-1)?.id;
  if (news.length > 0) return { lastFactId, effect: seen?.isOpen ? "again" : "open", news };
  const known = facts.filter(isKnown);
  const isOver = seen?.isOpen === true && known.length > 0 && known.every(({ isWithdrawn }) => isWithdrawn);
  return { lastFactId, effect: isOver ? "resolve" : undefined, news };
}

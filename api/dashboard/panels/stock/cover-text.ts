import { formatAmount, formatCount } from "../../labels/quantities.ts";
import type { Row } from "../../state/operations.ts";

/** "12 days", "0.4 days", "not known", "nothing is taken" */
export function coverText({
  days_of_cover: days,
  insufficient_history: isUnknown,
}: Pick<Row<"/stock-outlooks">, "days_of_cover" | "insufficient_history">): string {
  if (isUnknown) return "not known";
  if (days === null) return "nothing is taken";
  if (days === 1) return "1 day";
  return `${days < 10 ? formatAmount(days) : formatCount(Math.round(days))} days`;
}

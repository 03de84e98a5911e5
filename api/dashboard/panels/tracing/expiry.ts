/** What a field for a day accepts. */
export const DAY_PATTERN = "\\d{4}-\\d{2}-\\d{2}";

/** Days before its last day from which on a lot is shown as one to be used first. */
const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** What people should know of the last day of a lot; `isBad`: nobody may use it any more. */
export function expiryOf(
  { expires_on: day, is_expired: isExpired }: { expires_on: string | null; is_expired: boolean },
  nowMs: number,
): { text: string; isBad: boolean; isSoon: boolean } {
  if (day === null) return { text: "no date", isBad: false, isSoon: false };
  if (isExpired) return { text: `▲ expired on ${day}`, isBad: true, isSoon: false };
  const isSoon = Date.parse(day) - nowMs < SOON_DAYS * DAY_MS;
  return { text: `${isSoon ? "△ " : ""}to ${day}`, isBad: false, isSoon };
}

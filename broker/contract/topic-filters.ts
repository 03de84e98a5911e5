/** Levels of a topic that the broker takes. */
const MAX_LEVELS = 10;
const MAX_BYTES = 65_535;

/**
 * Why a text is no topic filter that a service account may be given (MQTT 3.1.1 §4.7); undefined: it is one. Topics below
 * `$SYS/` and shared subscriptions are granted to nobody, so a filter for them would promise what does not happen.
 */
export function topicFilterProblem(filter: string): string | undefined {
  if (filter === "") return "a filter has at least one character [MQTT-4.7.3-1]";
  // Control characters and non-characters are refused wherever they arrive (§1.5.3), so nothing would match.
  if (/\p{Cc}|\p{Surrogate}|\p{Noncharacter_Code_Point}/u.test(filter)) {
    return "a filter has no control characters, and is well-formed [MQTT-1.5.3-1, MQTT-4.7.3-2]";
  }
  if (new TextEncoder().encode(filter).length > MAX_BYTES) return "a filter has at most 65535 bytes [MQTT-4.7.3-3]";
  const levels = filter.split("/");
  if (levels.length > MAX_LEVELS) return `a topic has at most ${MAX_LEVELS} levels here`;
  if (filter.startsWith("$SYS") || filter.startsWith("$share/")) return "$SYS and $share are granted to nobody";
  for (const [at, level] of levels.entries()) {
    if (level === "#" && at < levels.length - 1) return "# stands only in the last level [MQTT-4.7.1-2]";
    if (level.length > 1 && level.includes("#")) return "# stands alone in its level [MQTT-4.7.1-2]";
    if (level.length > 1 && level.includes("+")) return "+ stands alone in its level [MQTT-4.7.1-3]";
  }
  return undefined;
}

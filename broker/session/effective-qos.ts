import { filterMatches } from "../mqtt/topic-filter.ts";

/**
 * At which QoS a client gets a message: that of the message, but no more than the best of the subscriptions it matches
 * grants [MQTT-3.3.5-1] [MQTT-3.8.4-6]. Stock Aedes has whichever subscription it finds first decide.
 * @param granted open filters with what was granted
 * @param isQueued it was kept for the session, which QoS 0 is not: it still has to be acknowledged
 * @returns undefined: not at all, for a wildcard takes in no topic that begins with "$" [MQTT-4.7.2-1]
 */
export function effectiveQos<Q extends number>(
  granted: ReadonlyMap<string, number>,
  topic: string,
  published: Q,
  isQueued = false,
): Q | 0 | 1 | undefined {
  let best = -1;
  for (const [filter, qos] of granted) {
    if (qos > best && filterMatches(filter, topic)) best = qos;
    if (best >= published) return published;
  }
  // A filter may be gone by the time its last messages leave.
  if (best < 0) return topic.startsWith("$") ? undefined : published;
  return best === 0 && !isQueued ? 0 : 1;
}

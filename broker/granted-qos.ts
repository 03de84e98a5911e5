import { filterMatches } from "./topic-filter.ts";

/**
 * At which QoS a client gets a message: that of the message, but no more than the best of the subscriptions it matches
 * grants [MQTT-3.3.5-1] [MQTT-3.8.4-6]. Stock Aedes lowers it only where a filter is the topic itself.
 * @param subscriptions open filters with what was granted
 */
export function qosFor<Q extends number>(
  subscriptions: Record<string, { qos: number }>,
  topic: string,
  published: Q,
): Q | 0 | 1 {
  if (published === 0) return 0;
  let granted = -1;
  for (const filter in subscriptions) {
    const { qos } = subscriptions[filter]!;
    if (qos > granted && filterMatches(filter, topic)) granted = qos;
    if (granted >= published) return published;
  }
  // A filter may be gone by the time its last messages leave.
  return granted === 0 || granted === 1 ? granted : published;
}

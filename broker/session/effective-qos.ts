import { filterMatches } from "../mqtt/topic-filter.ts";

/**
 * The highest QoS that the matching filters grant; undefined: none matches.
 * @param granted open filters with the QoS that was granted
 * @param enough a higher one makes no difference
 */
export function highestGrantedQos(
  granted: ReadonlyMap<string, number>,
  topic: string,
  enough: number,
): number | undefined {
  let best = -1;
  for (const [filter, qos] of granted) {
    if (qos > best && filterMatches(filter, topic)) best = qos;
    if (best >= enough) break;
  }
  return best < 0 ? undefined : best;
}

/**
 * The QoS at which a client gets a message: that of the message, but at most the highest that the matching subscriptions
 * grant [MQTT-3.3.5-1] [MQTT-3.8.4-6]. In stock Aedes the first subscription that it finds decides.
 * @param granted open filters with the QoS that was granted
 * @param isQueued the message is in the queue of the session: it is sent at QoS 1 at least, to be acknowledged
 * @returns undefined: the client does not get it, for a wildcard matches no topic that begins with "$" [MQTT-4.7.2-1]
 */
export function effectiveQos<Q extends number>(
  granted: ReadonlyMap<string, number>,
  topic: string,
  published: Q,
  isQueued = false,
): Q | 0 | 1 | undefined {
  const best = highestGrantedQos(granted, topic, published);
  // The client may have unsubscribed while the message was on its way.
  if (best === undefined) return topic.startsWith("$") ? undefined : published;
  if (best >= published) return published;
  return best === 0 && !isQueued ? 0 : 1;
}

import { isSparkplugStateFilter } from "../contract/topics.ts";
import { filterMatches } from "../mqtt/topic-filter.ts";

/** Under this id edge nodes may name the platform as their primary host. */
const HOST_ID = "waystock";

export interface HostState {
  topic: string;
  payload: string;
}

/**
 * What a Sparkplug edge node learns of the platform as a host application when it subscribes: an edge node with a primary host
 * sends nothing before it has heard that its host is online (Sparkplug 3.0, sections 5.1 and 5.2; 2.2 says `ONLINE`). The
 * host is this broker, so whoever can ask is answered, and the end of the connection says that it is offline. Wildcards that
 * reach beyond STATE get nothing: no other client finds a retained message that nobody has published.
 * @param now epoch milliseconds; an edge node ignores a state that is older than the last one it has heard
 */
export function hostStatesFor(filter: string, now: number): HostState[] {
  if (!isSparkplugStateFilter(filter)) return [];
  const states = [
    { topic: `spBv1.0/STATE/${HOST_ID}`, payload: JSON.stringify({ online: true, timestamp: now }) },
    { topic: `STATE/${HOST_ID}`, payload: "ONLINE" },
  ];
  return states.filter(({ topic }) => filterMatches(filter, topic));
}

import {
  commandTopic,
  errorsTopic,
  isSparkplugCommandFilter,
  parseCompatibilityTopic,
  parseUplinkTopic,
} from "../contract/topics.ts";
import { filterCovers, filterMatches } from "../mqtt/topic-filter.ts";

/** Who speaks on a connection. */
export type Principal =
  | { type: "device"; id: string; decoder: string }
  | { type: "account"; id: string; publish: readonly string[]; subscribe: readonly string[] }
  | { type: "anonymous"; id: string };

const RESERVED = ["$SYS/", "$share/"];
const isReserved = (topic: string): boolean => RESERVED.some((prefix) => topic.startsWith(prefix));
const isDeviceTopic = (topic: string): boolean => topic === "devices" || topic.startsWith("devices/");

/**
 * The device whose message this is, when it is one for the journal; undefined: an ordinary topic. Compatibility topics
 * are open to devices of that decoder and to service accounts, which may carry what is not theirs.
 */
export function deviceOfUplink(principal: Principal, topic: string): string | undefined {
  const uplink = parseUplinkTopic(topic);
  if (uplink) return uplink.deviceId;
  if (principal.type === "anonymous") return undefined;
  const foreign = parseCompatibilityTopic(topic);
  if (!foreign || principal.type === "account") return foreign?.deviceId;
  return foreign.decoder === principal.decoder ? (foreign.deviceId ?? principal.id) : undefined;
}

/** Default deny. `deviceId` is what `deviceOfUplink` said: the caller may know it already. */
export function mayPublish(principal: Principal, topic: string, deviceId = deviceOfUplink(principal, topic)): boolean {
  switch (principal.type) {
    case "device":
      return deviceId === principal.id;
    case "account":
      return !isReserved(topic) && principal.publish.some((filter) => filterMatches(filter, topic));
    case "anonymous":
      return !isReserved(topic) && !isDeviceTopic(topic);
  }
}

function isOwnDownlink({ id, decoder }: { id: string; decoder: string }, topic: string): boolean {
  if (topic === commandTopic(id) || topic === errorsTopic(id)) return true;
  return decoder === "sparkplug-b" && isSparkplugCommandFilter(topic, id);
}

/**
 * Default deny; a shared subscription is always refused, for nothing would be delivered on it.
 * @param denied filters refused to clients without credentials
 */
export function maySubscribe(principal: Principal, filter: string, denied: readonly string[] = []): boolean {
  if (filter.startsWith("$share/") || filter.startsWith("$SYS")) return false;
  switch (principal.type) {
    case "device":
      return isOwnDownlink(principal, filter);
    case "account":
      return principal.subscribe.some((allowed) => filterCovers(allowed, filter));
    case "anonymous":
      return !isDeviceTopic(filter) && !denied.includes(filter);
  }
}

/** The last check before a message leaves: a filter granted earlier, or a wildcard, shows nothing beyond it. */
export function mayReceive(principal: Principal, topic: string): boolean {
  if (isReserved(topic)) return false;
  switch (principal.type) {
    case "device":
      return isOwnDownlink(principal, topic);
    case "account":
      return principal.subscribe.some((filter) => filterMatches(filter, topic));
    case "anonymous":
      return !isDeviceTopic(topic);
  }
}

import {
  commandTopic,
  errorsTopic,
  isSparkplugCommandFilter,
  isSparkplugStateFilter,
  isThingsBoardFilter,
  parseCompatibilityTopic,
  parseUplinkTopic,
} from "../contract/topics.ts";
import { filterCovers, filterMatches } from "../mqtt/topic-filter.ts";

/** The authenticated party of a connection or an HTTP request. */
export type Principal =
  | { type: "device"; id: string; decoder: string }
  | {
      type: "account";
      id: string;
      publish: readonly string[];
      subscribe: readonly string[];
      /** epoch milliseconds; missing: never */
      expiresAt?: number | undefined;
    }
  | { type: "anonymous"; id: string };

const RESERVED = ["$SYS/", "$share/"];
const isReserved = (topic: string): boolean => RESERVED.some((prefix) => topic.startsWith(prefix));
const isDeviceTopic = (topic: string): boolean => topic === "devices" || topic.startsWith("devices/");

/**
 * The device that a message on this topic belongs to, if it goes to the journal; undefined: an ordinary topic. Topics of
 * other platforms are open to devices with that decoder and to service accounts, which may forward other devices' messages.
 */
export function deviceOfUplink(principal: Principal, topic: string): string | undefined {
  const uplink = parseUplinkTopic(topic);
  if (uplink) return uplink.deviceId;
  if (principal.type === "anonymous") return undefined;
  const compatible = parseCompatibilityTopic(topic);
  if (!compatible || principal.type === "account") return compatible?.deviceId;
  if (compatible.decoder !== principal.decoder) return undefined;
  // What a server forwards is sent by the gateway that it signs in as; the payload names the device.
  return compatible.forwarded ? principal.id : (compatible.deviceId ?? principal.id);
}

/** Denies by default. @param deviceId the result of `deviceOfUplink`, if the caller has it already */
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
  if (decoder === "thingsboard") return isThingsBoardFilter(topic);
  return decoder === "sparkplug-b" && (isSparkplugCommandFilter(topic, id) || isSparkplugStateFilter(topic));
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

/** Checked for each delivery: a wildcard, or a filter granted earlier, must not deliver topics that are not permitted. */
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

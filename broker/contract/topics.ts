import { KINDS, type Kind } from "./readings.ts";

/** What a message on a topic is for. `readings` and `raw` carry measurements; they never fan out over MQTT. */
export type TopicPurpose =
  | { purpose: "readings"; deviceId: string; kind: Kind }
  | { purpose: "raw"; deviceId: string }
  | { purpose: "status"; deviceId: string }
  | { purpose: "command-ack"; deviceId: string };

const kinds: ReadonlySet<string> = new Set(KINDS);

/** Reads an uplink topic below `devices/`; `undefined` when no device may publish there. */
export function parseUplinkTopic(topic: string): TopicPurpose | undefined {
  if (!topic.startsWith("devices/")) return undefined;
  const slash = topic.indexOf("/", 8);
  if (slash <= 8) return undefined;
  const deviceId = topic.slice(8, slash);
  const rest = topic.slice(slash + 1);
  if (kinds.has(rest)) return { purpose: "readings", deviceId, kind: rest as Kind };
  if (rest === "raw") return { purpose: "raw", deviceId };
  if (rest === "status") return { purpose: "status", deviceId };
  if (rest === "cmd/ack") return { purpose: "command-ack", deviceId };
  return undefined;
}

/** A topic of another system whose firmware may stay as it is; `deviceId` undefined: the sender's own. */
export interface CompatibilityTopic {
  decoder: "owntracks" | "thingsboard" | "sparkplug-b";
  deviceId: string | undefined;
  /** a device behind that one, of which it speaks */
  childDeviceId?: string | undefined;
}

const THINGSBOARD_TELEMETRY = "v1/devices/me/telemetry";
/** OwnTracks tells of other things than positions one level deeper (`…/event`, `…/waypoint`). */
const OWNTRACKS = /^owntracks\/[^/]+\/([^/]+)(?:\/[^/]+)?$/;
/** Sparkplug 3.0, section 4.1: what an edge node says, of itself and of the devices behind it */
const SPARKPLUG = /^spBv1\.0\/[^/]+\/(?:N(?:BIRTH|DATA|DEATH)\/([^/]+)|D(?:BIRTH|DATA|DEATH)\/([^/]+)\/([^/]+))$/;

/** Reads a topic of contract section 3 that is not below `devices/`; `undefined` when it is none. */
export function parseCompatibilityTopic(topic: string): CompatibilityTopic | undefined {
  if (topic === THINGSBOARD_TELEMETRY) return { decoder: "thingsboard", deviceId: undefined };
  const ownTracks = OWNTRACKS.exec(topic);
  if (ownTracks) return { decoder: "owntracks", deviceId: ownTracks[1] };
  const sparkplug = SPARKPLUG.exec(topic);
  if (!sparkplug) return undefined;
  const [, node, edge, behind] = sparkplug;
  return { decoder: "sparkplug-b", deviceId: node ?? edge, childDeviceId: behind };
}

/** Filters on which a Sparkplug edge node waits for commands (Sparkplug 3.0, section 4.1.1). */
export function isSparkplugCommandFilter(filter: string, edge: string): boolean {
  const [namespace, group = "+", type, node, device, ...more] = filter.split("/");
  if (namespace !== "spBv1.0" || /[+#]/.test(group) || node !== edge || more.length > 0) return false;
  return (type === "NCMD" && (device === undefined || device === "#")) || (type === "DCMD" && device !== undefined);
}

export const commandTopic = (deviceId: string): string => `devices/${deviceId}/cmd`;
export const errorsTopic = (deviceId: string): string => `devices/${deviceId}/errors`;

/** Device ids are client ids: 1–128 printable characters, none of them an MQTT wildcard, separator or blank. */
export const DEVICE_ID = /^[A-Za-z0-9._:~@-]{1,128}$/;

import { KINDS, type Kind } from "./readings.ts";

/** The purpose of an uplink topic. `readings` and `raw` carry measurements. None of them is delivered to MQTT subscribers. */
export type TopicPurpose =
  | { purpose: "readings"; deviceId: string; kind: Kind }
  | { purpose: "raw"; deviceId: string }
  | { purpose: "status"; deviceId: string }
  | { purpose: "command-ack"; deviceId: string };

const kinds: ReadonlySet<string> = new Set(KINDS);

/** Parses an uplink topic below `devices/`; `undefined` when no device may publish there. */
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

/** A topic of another platform, for devices whose firmware stays as it is. `deviceId` undefined: the sending device. */
export interface CompatibilityTopic {
  decoder: "owntracks" | "thingsboard" | "sparkplug-b" | ForwarderName;
  deviceId: string | undefined;
  /** the device behind a Sparkplug edge node that the message is about */
  childDeviceId?: string | undefined;
  /** the message comes from a server that forwards for many devices, and tells in its payload which one it is about */
  forwarded?: true;
}

/** Servers that forward what many devices measure. */
type ForwarderName = "traccar" | "chirpstack" | "ttn";

/** Telemetry, attributes, RPC and firmware of ThingsBoard devices and gateways. `me` is the sending device. */
const THINGSBOARD = /^(?:v1\/(?:devices\/me|gateway)|v2\/(?:fw|sw))\/./;
/** OwnTracks publishes messages other than positions one level deeper (`…/event`, `…/waypoint`). */
const OWNTRACKS = /^owntracks\/[^/]+\/([^/]+)(?:\/[^/]+)?$/;
/** Sparkplug 3.0, section 4.1: messages of an edge node about itself, and about the devices behind it */
const SPARKPLUG = /^spBv1\.0\/[^/]+\/(?:N(?:BIRTH|DATA|DEATH)\/([^/]+)|D(?:BIRTH|DATA|DEATH)\/([^/]+)\/([^/]+))$/;

/** ChirpStack 4: `application/{application}/device/{devEui}/event/{event}` */
const CHIRPSTACK = /^application\/[^/]+\/device\/([^/]+)\/event\/[^/]+$/;
/** The Things Stack v3: `v3/{application}@{tenant}/devices/{device}/up`, `…/join`, `…/location/solved` and others */
const THINGS_STACK =
  /^v3\/[^/]+\/devices\/([^/]+)\/(?:up|join|location\/solved|service\/data|down\/(?:queued|sent|ack|nack|failed))$/;
/** Traccar: the topic is chosen there (`forward.topic`); all below this are taken. */
const TRACCAR = "traccar/";
/** The topics that Traccar uses when none is chosen. They are taken from an external broker only: they say nothing of Traccar. */
const TRACCAR_DEFAULTS: ReadonlySet<string> = new Set(["positions", "events"]);

/** The sender of what an external broker has from a server that names none in its topics. */
const NO_SENDER = "traccar";
const FROM_TRACCAR: CompatibilityTopic = { decoder: "traccar", deviceId: NO_SENDER, forwarded: true };

/** Parses a topic of a server that forwards for many devices; `undefined` when it is none. */
function parseForwarderTopic(topic: string): CompatibilityTopic | undefined {
  const chirpStack = CHIRPSTACK.exec(topic);
  if (chirpStack) return { decoder: "chirpstack", deviceId: chirpStack[1], forwarded: true };
  const thingsStack = THINGS_STACK.exec(topic);
  if (thingsStack) return { decoder: "ttn", deviceId: thingsStack[1], forwarded: true };
  return topic.length > TRACCAR.length && topic.startsWith(TRACCAR) ? FROM_TRACCAR : undefined;
}

/** Parses a topic of OwnTracks, ThingsBoard, Sparkplug or a server that forwards; `undefined` when it is none. */
export function parseCompatibilityTopic(topic: string): CompatibilityTopic | undefined {
  if (THINGSBOARD.test(topic)) return { decoder: "thingsboard", deviceId: undefined };
  const ownTracks = OWNTRACKS.exec(topic);
  if (ownTracks) return { decoder: "owntracks", deviceId: ownTracks[1] };
  const sparkplug = SPARKPLUG.exec(topic);
  if (!sparkplug) return parseForwarderTopic(topic);
  const [, node, edge, behind] = sparkplug;
  return { decoder: "sparkplug-b", deviceId: node ?? edge, childDeviceId: behind };
}

/** The same, of a topic that was read from an external broker: what is read there was chosen (UPSTREAM_MQTT_TOPIC). */
export const parseBridgedTopic = (topic: string): CompatibilityTopic | undefined =>
  TRACCAR_DEFAULTS.has(topic) ? FROM_TRACCAR : parseCompatibilityTopic(topic);

/** Whether a Sparkplug edge node may receive its commands by this filter (Sparkplug 3.0, section 4.1.1). */
export function isSparkplugCommandFilter(filter: string, edge: string): boolean {
  const [namespace, group = "+", type, node, device, ...more] = filter.split("/");
  if (namespace !== "spBv1.0" || /[+#]/.test(group) || node !== edge || more.length > 0) return false;
  return (type === "NCMD" && (device === undefined || device === "#")) || (type === "DCMD" && device !== undefined);
}

/** Whether a Sparkplug edge node may read the state of host applications by this filter (Sparkplug 3.0, section 4.1.2; 2.2: `STATE/…`). */
export const isSparkplugStateFilter = (filter: string): boolean => /^(?:spBv1\.0\/)?STATE\/[^/#]+$/.test(filter);

/** Whether a ThingsBoard device may receive answers by this filter. */
export const isThingsBoardFilter = (filter: string): boolean =>
  /^(?:v1\/(?:devices\/me|gateway)\/(?:attributes|rpc)|v2\/(?:fw|sw))(?:\/.+)?$/.test(filter);

export const commandTopic = (deviceId: string): string => `devices/${deviceId}/cmd`;
export const errorsTopic = (deviceId: string): string => `devices/${deviceId}/errors`;

/**
 * Device ids serve as MQTT client ids: 1 to 128 printable ASCII characters without MQTT wildcards, slashes or blanks.
 * `.` and `..` are refused: in a URL they would name another path (RFC 3986, section 5.2.4).
 */
export const DEVICE_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:~@-]{1,128}$/;

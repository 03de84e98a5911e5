import { hasWildcard, isValidText } from "./utf8-rules.ts";

const MAX_CLIENT_ID_BYTES = 128;
const LEVEL_3_1 = 3;
const LEVEL_3_1_1 = 4;

/** A valid CONNECT, or the rule it breaks. `returnCode`: the CONNACK to send before closing (section 3.2.2.3). */
export type ConnectValidation =
  | { ok: true; keepaliveSeconds: number; cleanSession: boolean }
  | { ok: false; reason: string; returnCode?: number };

const invalid = (reason: string, returnCode?: number): ConnectValidation =>
  returnCode === undefined ? { ok: false, reason } : { ok: false, reason, returnCode };

/**
 * Checks a whole CONNECT packet that begins at `start`, with its variable header and payload from `body` to `end`
 * (section 3.1). Clears in place the bits that MQTT 3.1 leaves unused, since Aedes checks them by the rules of 3.1.1.
 */
export function validateConnect(bytes: Buffer, start: number, body: number, end: number): ConnectValidation {
  let at = body;
  /** the next length-prefixed field as [start, end); undefined where the packet ends before it */
  const field = (): [number, number] | undefined => {
    if (at + 2 > end) return undefined;
    const from = at + 2;
    const to = from + bytes.readUInt16BE(at);
    if (to > end) return undefined;
    at = to;
    return [from, to];
  };

  const protocol = field();
  if (!protocol || at + 4 > end) return invalid("the packet is truncated (section 3.1.2)");
  const name = bytes.toString("latin1", ...protocol);
  // Other brokers set the top bit when they connect as a bridge (not in the standard).
  const level = bytes[at]! & 0x7f;
  if (name !== "MQTT" && name !== "MQIsdp") return invalid("not MQTT [MQTT-3.1.2-1]");
  if (name === "MQTT" && bytes[start] !== 0x10) return invalid("reserved header flags are set [MQTT-2.2.2-2]");
  if (level !== (name === "MQTT" ? LEVEL_3_1_1 : LEVEL_3_1)) return invalid("unknown protocol level [MQTT-3.1.2-2]", 1);
  const isVersion31 = level === LEVEL_3_1;
  if (isVersion31) {
    bytes[start] = 0x10;
    bytes[at + 1]! &= 0xfe;
  }

  const flags = bytes[at + 1]!;
  const keepaliveSeconds = bytes.readUInt16BE(at + 2);
  at += 4;
  if (flags & 1) return invalid("the reserved connect flag is set [MQTT-3.1.2-3]");
  const clean = (flags & 2) !== 0;
  const hasWill = (flags & 4) !== 0;
  const willQos = (flags >> 3) & 3;
  if (!hasWill && flags & 0x38) return invalid("will QoS or retain without a will [MQTT-3.1.2-13] [MQTT-3.1.2-15]");
  if (willQos === 3) return invalid("will QoS 3 [MQTT-3.1.2-14]");
  if (flags & 0x40 && !(flags & 0x80)) return invalid("a password without a user name [MQTT-3.1.2-22]");

  const clientId = field();
  if (!clientId) return invalid("no client id [MQTT-3.1.3-3]");
  if (!isValidText(bytes, ...clientId)) return invalid("the client id is not valid UTF-8 [MQTT-3.1.3-4]");
  const idBytes = clientId[1] - clientId[0];
  if (idBytes === 0 && (isVersion31 || !clean))
    return invalid("an empty client id needs a clean session [MQTT-3.1.3-8]", 2);
  if (idBytes > MAX_CLIENT_ID_BYTES) return invalid(`the client id is longer than ${MAX_CLIENT_ID_BYTES} bytes`, 2);

  if (hasWill) {
    const topic = field();
    if (!topic || !field()) return invalid("the will is incomplete [MQTT-3.1.2-9]");
    if (topic[0] === topic[1]) return invalid("empty will topic [MQTT-4.7.3-1]");
    if (!isValidText(bytes, ...topic)) return invalid("the will topic is not valid UTF-8 [MQTT-3.1.3-10]");
    if (hasWildcard(bytes, ...topic)) return invalid("a wildcard in the will topic [MQTT-3.3.2-2]");
  }
  if (flags & 0x80) {
    const userName = field();
    if (!userName) return invalid("no user name [MQTT-3.1.2-19]");
    if (!isValidText(bytes, ...userName)) return invalid("the user name is not valid UTF-8 [MQTT-3.1.3-11]");
  }
  if (flags & 0x40 && !field()) return invalid("no password [MQTT-3.1.2-21]");
  if (at !== end) return invalid("trailing bytes (section 3.1.3)");
  return { ok: true, keepaliveSeconds, cleanSession: clean };
}

import { hasWildcard, isValidText } from "./utf8-rules.ts";

const MAX_CLIENT_ID_BYTES = 128;
const LEVEL_3_1 = 3;
const LEVEL_3_1_1 = 4;

/** What a CONNECT asks for, or why it is not one. `returnCode`: the CONNACK to send before closing (section 3.2.2.3). */
export type ConnectValidation =
  | { ok: true; keepaliveSeconds: number; cleanSession: boolean }
  | { ok: false; reason: string; returnCode?: number };

const refuse = (reason: string, returnCode?: number): ConnectValidation =>
  returnCode === undefined ? { ok: false, reason } : { ok: false, reason, returnCode };

/**
 * Checks a whole CONNECT packet that begins at `start` with its body from `body` to `end` (section 3.1).
 * Bits that MQTT 3.1 leaves unused are cleared in place: the parser behind judges them by 3.1.1.
 */
export function validateConnect(bytes: Buffer, start: number, body: number, end: number): ConnectValidation {
  let at = body;
  /** the next length-prefixed field as [start, end), or undefined where the packet ends before it */
  const field = (): [number, number] | undefined => {
    if (at + 2 > end) return undefined;
    const from = at + 2;
    const to = from + bytes.readUInt16BE(at);
    if (to > end) return undefined;
    at = to;
    return [from, to];
  };

  const protocol = field();
  if (!protocol || at + 4 > end) return refuse("the packet ends early (section 3.1.2)");
  const name = bytes.toString("latin1", ...protocol);
  // The top bit is a bridge's mark, which other brokers set (not in the standard).
  const level = bytes[at]! & 0x7f;
  if (name !== "MQTT" && name !== "MQIsdp") return refuse("not MQTT [MQTT-3.1.2-1]");
  if (name === "MQTT" && bytes[start] !== 0x10) return refuse("reserved header flags are set [MQTT-2.2.2-2]");
  if (level !== (name === "MQTT" ? LEVEL_3_1_1 : LEVEL_3_1)) return refuse("unknown protocol level [MQTT-3.1.2-2]", 1);
  const old = level === LEVEL_3_1;
  if (old) {
    bytes[start] = 0x10;
    bytes[at + 1]! &= 0xfe;
  }

  const flags = bytes[at + 1]!;
  const keepaliveSeconds = bytes.readUInt16BE(at + 2);
  at += 4;
  if (flags & 1) return refuse("the reserved connect flag is set [MQTT-3.1.2-3]");
  const clean = (flags & 2) !== 0;
  const hasWill = (flags & 4) !== 0;
  const willQos = (flags >> 3) & 3;
  if (!hasWill && flags & 0x38) return refuse("will QoS or retain without a will [MQTT-3.1.2-13] [MQTT-3.1.2-15]");
  if (willQos === 3) return refuse("will QoS 3 [MQTT-3.1.2-14]");
  if (flags & 0x40 && !(flags & 0x80)) return refuse("a password without a user name [MQTT-3.1.2-22]");

  const clientId = field();
  if (!clientId) return refuse("no client id [MQTT-3.1.3-3]");
  if (!isValidText(bytes, ...clientId)) return refuse("the client id is not clean UTF-8 [MQTT-3.1.3-4]");
  const idBytes = clientId[1] - clientId[0];
  if (idBytes === 0 && (old || !clean)) return refuse("an empty client id needs a clean session [MQTT-3.1.3-8]", 2);
  if (idBytes > MAX_CLIENT_ID_BYTES) return refuse(`the client id is longer than ${MAX_CLIENT_ID_BYTES} bytes`, 2);

  if (hasWill) {
    const topic = field();
    if (!topic || !field()) return refuse("the will is incomplete [MQTT-3.1.2-9]");
    if (topic[0] === topic[1]) return refuse("empty will topic [MQTT-4.7.3-1]");
    if (!isValidText(bytes, ...topic)) return refuse("the will topic is not clean UTF-8 [MQTT-3.1.3-10]");
    if (hasWildcard(bytes, ...topic)) return refuse("a wildcard in the will topic [MQTT-3.3.2-2]");
  }
  if (flags & 0x80) {
    const userName = field();
    if (!userName) return refuse("no user name [MQTT-3.1.2-19]");
    if (!isValidText(bytes, ...userName)) return refuse("the user name is not clean UTF-8 [MQTT-3.1.3-11]");
  }
  if (flags & 0x40 && !field()) return refuse("no password [MQTT-3.1.2-21]");
  if (at !== end) return refuse("trailing bytes (section 3.1.3)");
  return { ok: true, keepaliveSeconds, cleanSession: clean };
}

import { type Kind, MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { statusReport } from "../../broker/contract/status.ts";
import { parseUplinkTopic } from "../../broker/contract/topics.ts";
import { type Decoded, type DecodeInput, nothing, refused } from "./decoder.ts";
import { parseJson } from "./json-payload.ts";
import { addReading, zeroCharacterIn } from "./add-reading.ts";
import { describeIssues } from "./schema-issues.ts";

/**
 * Waystock's own JSON: the topic names the kind, the payload is one reading or an array of up to 500 of them.
 * A bad element is reported under its index and never stops its neighbours.
 */
export function decodeNative(input: DecodeInput): Decoded {
  const topic = parseUplinkTopic(input.topic);
  if (topic?.purpose === "raw") return refused("unsupported", "raw bytes need a decoder: this device's is native");
  if (topic?.purpose !== "readings" && topic?.purpose !== "status") {
    return refused("unsupported", "no reading belongs on this topic");
  }
  return topic.purpose === "status"
    ? decodeStatus(input.payload, input.receivedAt)
    : decodeReadings(topic.kind, input.payload);
}

/** The payload of a topic that names the kind. */
export function decodeReadings(kind: Kind, payload: Buffer): Decoded {
  const json = parseJson(payload);
  if (!json.ok) return refused("not-json", json.detail);
  const { value } = json;
  const decoded = nothing();
  if (!Array.isArray(value)) {
    addReading(decoded, kind, value, 0);
    return decoded;
  }
  if (value.length === 0) return refused("empty", "an array without readings");
  if (value.length > MAX_READINGS_PER_MESSAGE) {
    const most = `${value.length} readings, at most ${MAX_READINGS_PER_MESSAGE} are allowed`;
    return refused("too-many-readings", most);
  }
  value.forEach((element: unknown, index) => addReading(decoded, kind, element, index));
  return decoded;
}

function decodeStatus(payload: Buffer, receivedAt: number): Decoded {
  const json = parseJson(payload);
  if (!json.ok) return refused("not-json", json.detail);
  const { value } = json;
  const result = statusReport.safeParse(value);
  if (!result.success) return refused("not-a-reading", describeIssues(result.error.issues, value));
  const zero = zeroCharacterIn(result.data);
  if (zero !== undefined) return refused("not-a-reading", zero);
  const { ts = receivedAt, seq, state, session } = result.data;
  return { ...nothing(), status: { ts, seq, state, session: session === undefined ? undefined : String(session) } };
}

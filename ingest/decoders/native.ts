import { type Kind, MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { statusReport } from "../../broker/contract/status.ts";
import { parseUplinkTopic } from "../../broker/contract/topics.ts";
import { type Decoded, type DecodeInput, emptyDecoded, rejected } from "./decoder.ts";
import { parseJson } from "./json-payload.ts";
import { addReading, unstorableTextIn } from "./add-reading.ts";
import { describeIssues } from "./schema-issues.ts";

/**
 * Waystock's own JSON: the topic names the kind, the payload is one reading or an array of up to 500 of them.
 * A bad element is rejected under its index; the others are kept.
 */
export function decodeNative(input: DecodeInput): Decoded {
  const topic = parseUplinkTopic(input.topic);
  if (topic?.purpose === "raw")
    return rejected("unsupported", "raw bytes need a decoder, and this device has none: its decoder is native");
  if (topic?.purpose !== "readings" && topic?.purpose !== "status") {
    return rejected("unsupported", "this topic carries no readings");
  }
  return topic.purpose === "status"
    ? decodeStatus(input.payload, input.receivedAt)
    : decodeReadings(topic.kind, input.payload);
}

/** Decodes the payload of a topic that names the kind of reading. */
export function decodeReadings(kind: Kind, payload: Buffer): Decoded {
  const json = parseJson(payload);
  if (!json.ok) return rejected("not-json", json.detail);
  const { value } = json;
  const decoded = emptyDecoded();
  if (!Array.isArray(value)) {
    addReading(decoded, kind, value, 0);
    return decoded;
  }
  if (value.length === 0) return rejected("empty", "an array without readings");
  if (value.length > MAX_READINGS_PER_MESSAGE) {
    const most = `${value.length} readings, at most ${MAX_READINGS_PER_MESSAGE} are allowed`;
    return rejected("too-many-readings", most);
  }
  value.forEach((element: unknown, index) => addReading(decoded, kind, element, index));
  return decoded;
}

function decodeStatus(payload: Buffer, receivedAt: number): Decoded {
  const json = parseJson(payload);
  if (!json.ok) return rejected("not-json", json.detail);
  const { value } = json;
  const result = statusReport.safeParse(value);
  if (!result.success) return rejected("not-a-reading", describeIssues(result.error.issues, value));
  const zero = unstorableTextIn(result.data);
  if (zero !== undefined) return rejected("not-a-reading", zero);
  const { ts = receivedAt, seq, state, session } = result.data;
  return {
    ...emptyDecoded(),
    status: { ts, seq, state, session: session === undefined ? undefined : String(session) },
  };
}

import { type Kind, KINDS } from "../../broker/contract/readings.ts";
import { statusReport } from "../../broker/contract/status.ts";
import { parseUplinkTopic } from "../../broker/contract/topics.ts";
import { type Decoded, type DecodeInput, emptyDecoded, rejected } from "./decoder.ts";
import { type AddElement, decodeElements, parseJson } from "./json/payload.ts";
import { addReading, unstorableTextIn } from "./validation/add-reading.ts";
import { ignoreField } from "./validation/ignored-fields.ts";
import { countUnknownFields } from "./validation/unknown-fields.ts";
import { describeIssues } from "./validation/schema-issues.ts";

/**
 * Waystock's own JSON: the topic names the kind, the payload is one reading or an array of up to 500 of them; or several
 * one after another. A bad element is rejected under its index; the others are kept.
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
  return decodeElements(payload, "readings", ADD_READING[kind]);
}

/** One function per kind, so that a message needs no new one. */
const ADD_READING = Object.fromEntries(
  KINDS.map((kind): [Kind, AddElement] => [
    kind,
    (decoded, element, index) => {
      // The element itself: all its fields were read, as those of almost every reading are.
      if (addReading(decoded, kind, element, index) !== element) countUnknownFields(decoded, kind, element);
    },
  ]),
) as Record<Kind, AddElement>;

function decodeStatus(payload: Buffer, receivedAt: number): Decoded {
  const json = parseJson(payload);
  if (!json.ok) return rejected(json.reason, json.detail);
  const { value } = json;
  const result = statusReport.safeParse(value);
  if (!result.success) return rejected("not-a-reading", describeIssues(result.error.issues, value));
  const zero = unstorableTextIn(result.data);
  if (zero !== undefined) return rejected("not-a-reading", zero);
  const { ts = receivedAt, seq, state, session } = result.data;
  const status = { ts, seq, state, session: session === undefined ? undefined : String(session) };
  const decoded: Decoded = { ...emptyDecoded(), status };
  for (const name of Object.keys(value as object))
    if (!Object.hasOwn(statusReport.shape, name)) ignoreField(decoded, undefined, name);
  return decoded;
}

import { type Kind, KINDS } from "../../broker/contract/readings.ts";
import { statusReport } from "../../broker/contract/status.ts";
import { parseUplinkTopic } from "../../broker/contract/topics.ts";
import { type Decoded, type DecodeInput, rejected, type StatusReport } from "./decoder.ts";
import { type AddElement, decodeElements, partText } from "./json/payload.ts";
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
    ? decodeStatuses(input.payload, input.receivedAt)
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

/**
 * Reports of presence. One may be without a time, and has that of its receipt: an MQTT will cannot carry one. Several without would have
 * the same.
 */
function decodeStatuses(payload: Buffer, receivedAt: number): Decoded {
  const reports: { element: unknown; index: number; isTimed: boolean; status: StatusReport }[] = [];
  const decoded = decodeElements(payload, "reports", (into, element, index) => {
    const report = statusReport.safeParse(element);
    if (!report.success) return reject(into, index, describeIssues(report.error.issues, element));
    const zero = unstorableTextIn(report.data);
    if (zero !== undefined) return reject(into, index, zero);
    const { ts, seq, state, session } = report.data;
    const status = { ts: ts ?? receivedAt, seq, state, session: session === undefined ? undefined : String(session) };
    reports.push({ element, index, isTimed: ts !== undefined, status });
    for (const name of Object.keys(element as object))
      if (!Object.hasOwn(statusReport.shape, name)) ignoreField(into, undefined, name);
  });
  const isOneUntimed = reports.filter(({ isTimed }) => !isTimed).length === 1;
  const kept = reports.filter(({ isTimed }) => isTimed || isOneUntimed);
  for (const { element, index } of reports.filter((report) => !kept.includes(report)))
    decoded.rejections.push({ index, reason: "bad-time", detail: TIMELESS, ...partText(element) });
  return kept.length === 0 ? decoded : { ...decoded, statuses: kept.map(({ status }) => status) };
}

const TIMELESS = "ts: is missing; only one report of a message may be without it";

const reject = ({ rejections }: Decoded, index: number, detail: string): void =>
  void rejections.push({ index, reason: "not-a-reading", detail });

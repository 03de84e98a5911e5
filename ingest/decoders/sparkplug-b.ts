import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, type Decoder, nothing, refused } from "./decoder.ts";
import { addNamedValues } from "./named-values.ts";
import { type Metric, readPayload, signedValue, type SparkplugPayload } from "./sparkplug-payload.ts";

/** What births told: the names behind aliases, and where the edge node's counters stand. */
interface SparkplugState {
  aliases: Record<string, { name: string; datatype?: number }>;
  seq?: number | undefined;
  bdSeq?: number | undefined;
  /** last latitude and longitude by metric name */
  position?: Record<string, number>;
}

const TOPIC = /^spBv1\.0\/[^/]+\/(NBIRTH|NDEATH|NDATA|NCMD|DBIRTH|DDEATH|DDATA|DCMD)\/[^/]+(?:\/([^/]+))?$/;
const SEQUENCE_RANGE = 256;
/** A birth may rename at most this much: what a decoder remembers is kept with the device's other state. */
const MOST_ALIASES = 200;

/**
 * Sparkplug B (Eclipse Sparkplug 3.0): protobuf on `spBv1.0/{group}/{type}/{edge}[/{device}]`. DATA may name metrics by
 * the alias their BIRTH gave them. Every metric has its own time, so historical ones (`is_historical`) fall into place
 * by it. A death counts only for the birth with the same `bdSeq` (tck-id-payloads-ndeath-bdseq).
 */
export const decodeSparkplug: Decoder = ({ topic, payload, receivedAt, state }) => {
  const [, type, device] = TOPIC.exec(topic) ?? [];
  if (type === undefined) return refused("unsupported", "no Sparkplug B topic");
  if (type.endsWith("CMD")) return { ...nothing(), warnings: [`${type}: a command, carries no reading`] };
  const message = readPayload(payload);
  if (!message) return refused("malformed", "not a Sparkplug B payload");
  const before: SparkplugState = (state as SparkplugState | undefined) ?? { aliases: {} };
  if (type === "NDEATH") return nodeDeath(message, before, receivedAt);
  return decodeMetrics(type, device, message, { before, receivedAt });
};

function nodeDeath(message: SparkplugPayload, state: SparkplugState, receivedAt: number): Decoded {
  const bdSeq = bdSeqOf(message);
  if (bdSeq !== state.bdSeq) return { ...nothing(), warnings: [`NDEATH of an earlier session, bdSeq ${bdSeq}`] };
  const session = bdSeq === undefined ? undefined : String(bdSeq);
  return { ...nothing(), status: { ts: receivedAt, state: "offline", session } };
}

function decodeMetrics(
  type: string,
  device: string | undefined,
  message: SparkplugPayload,
  { before, receivedAt }: { before: SparkplugState; receivedAt: number },
): Decoded {
  const decoded = nothing();
  const isBirth = type.endsWith("BIRTH");
  const state = stateAfter(type, message, before, decoded);
  const byTime = new Map<number, Map<string, Metric["value"]>>();
  message.metrics.forEach((metric, index) => {
    const known = metric.alias === undefined ? undefined : state.aliases[String(metric.alias)];
    const name = metric.name ?? known?.name;
    if (name === undefined) {
      const detail = `metric ${index}: alias ${metric.alias} was named by no birth: the edge node must send one`;
      decoded.rejections.push({ index, reason: "not-a-reading", detail });
    } else if (!/^(?:bdSeq|Node Control\/.*|Device Control\/.*|Properties\/.*)$/.test(name) && metric.value !== null) {
      const ts = metric.timestamp ?? message.timestamp ?? receivedAt;
      const value = signedValue(metric.value, metric.datatype ?? known?.datatype);
      const values = byTime.get(ts) ?? new Map<string, Metric["value"]>();
      byTime.set(ts, values.set(device === undefined ? name : `${device}/${name}`, value));
    }
  });
  if (byTime.size > MAX_READINGS_PER_MESSAGE) {
    return refused(
      "too-many-readings",
      `metrics of ${byTime.size} instants, at most ${MAX_READINGS_PER_MESSAGE} are allowed`,
    );
  }
  for (const [ts, values] of [...byTime].sort(([a], [b]) => a - b)) {
    const whole = completePosition(values, state);
    const part = nothing();
    addNamedValues(part, { ts, seq: message.seq, values: Object.fromEntries(whole) }, 0);
    decoded.readings.push(...part.readings);
    decoded.warnings.push(...part.warnings);
    // A node tells everything it has; most of it is nobody's reading, and that is no fault.
    for (const { detail } of part.rejections) if (!isBirth) decoded.warnings.push(detail);
  }
  if (type === "NBIRTH") {
    const session = state.bdSeq === undefined ? undefined : String(state.bdSeq);
    decoded.status = { ts: message.timestamp ?? receivedAt, state: "online", session };
  }
  return { ...decoded, state };
}

const POSITION = /^(.*?)(?:lat|latitude|lon|lng|longitude)$/i;
/** Most positions a node is remembered to have, two values each. */
const MOST_HELD = 40;

/** Only what changed is sent (report by exception): a truck that drives due north tells a latitude alone. */
function completePosition(
  values: ReadonlyMap<string, Metric["value"]>,
  state: SparkplugState,
): Map<string, Metric["value"]> {
  const whole = new Map(values);
  for (const [name, value] of values) {
    const place = POSITION.exec(name)?.[1];
    if (place === undefined) continue;
    for (const [held, last] of Object.entries(state.position ?? {})) {
      if (POSITION.exec(held)?.[1] === place && !whole.has(held)) whole.set(held, last);
    }
    const room = Object.keys(state.position ?? {}).length < MOST_HELD || Object.hasOwn(state.position ?? {}, name);
    if (typeof value === "number" && room) state.position = { ...state.position, [name]: value };
  }
  return whole;
}

function stateAfter(type: string, message: SparkplugPayload, before: SparkplugState, decoded: Decoded): SparkplugState {
  const { seq } = message;
  const expected = before.seq === undefined ? undefined : (before.seq + 1) % SEQUENCE_RANGE;
  // A gap is nothing lost here, times order the readings; but a birth may have been missed.
  if (type !== "NBIRTH" && expected !== undefined && seq !== undefined && seq !== expected) {
    decoded.warnings.push(`seq ${seq} where ${expected} was expected`);
  }
  const state: SparkplugState = { ...before, seq: seq ?? before.seq };
  if (type === "NBIRTH") Object.assign(state, { aliases: {}, position: {}, bdSeq: bdSeqOf(message) });
  if (type.endsWith("BIRTH")) state.aliases = { ...state.aliases, ...aliasesOf(message.metrics, decoded) };
  return state;
}

function aliasesOf(metrics: readonly Metric[], decoded: Decoded): SparkplugState["aliases"] {
  const named = metrics.filter(({ alias, name }) => alias !== undefined && name !== undefined);
  if (named.length > MOST_ALIASES) decoded.warnings.push(`${named.length} aliases, the first ${MOST_ALIASES} are kept`);
  const entries = named.slice(0, MOST_ALIASES).map(({ alias, name = "", datatype }) => {
    return [String(alias), datatype === undefined ? { name } : { name, datatype }] as const;
  });
  return Object.fromEntries(entries);
}

function bdSeqOf({ metrics }: SparkplugPayload): number | undefined {
  const value = metrics.find(({ name }) => name === "bdSeq")?.value;
  return typeof value === "number" ? value : undefined;
}

import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, type Decoder, emptyDecoded, rejected } from "./decoder.ts";
import { addIgnoredFields } from "./validation/ignored-fields.ts";
import { addKeyValues } from "./key-values.ts";
import { type Metric, parsePayload, rebirthCommand, signedValue, type SparkplugPayload } from "./sparkplug-payload.ts";

/** Kept between messages: the names behind the aliases of the BIRTH, and the edge node's counters. */
interface SparkplugState {
  aliases: Record<string, { name: string; datatype?: number }>;
  seq?: number | undefined;
  bdSeq?: number | undefined;
  /** last latitude and longitude by metric name */
  position?: Record<string, number>;
  /** when a BIRTH was last asked for, epoch milliseconds */
  askedAt?: number | undefined;
}

const TOPIC = /^spBv1\.0\/([^/]+)\/(NBIRTH|NDEATH|NDATA|NCMD|DBIRTH|DDEATH|DDATA|DCMD)\/([^/]+)(?:\/([^/]+))?$/;
const SEQUENCE_RANGE = 256;
/** At most this many aliases are kept, because this state is stored with the device's other state. */
const MAX_ALIASES = 200;

/**
 * Sparkplug B (Eclipse Sparkplug 3.0): protobuf on `spBv1.0/{group}/{type}/{edge}[/{device}]`. DATA may name metrics by
 * the alias that the BIRTH gave them. Every metric has its own time; historical ones (`is_historical`) are ordered by it.
 * An NDEATH counts only for the NBIRTH with the same `bdSeq` (tck-id-payloads-ndeath-bdseq). Without the BIRTH that a
 * message needs, the edge node is asked for one (tck-id-operational-behavior-host-reordering-rebirth).
 */
export const decodeSparkplug: Decoder = ({ topic, payload, receivedAt, state }) => {
  const [, group = "", type, edge = "", device] = TOPIC.exec(topic) ?? [];
  if (type === undefined) return rejected("unsupported", "not a Sparkplug B topic");
  if (type.endsWith("CMD")) return { ...emptyDecoded(), warnings: [`${type}: a command carries no readings`] };
  if (payload.length === 0) return rejected("empty", "empty payload");
  const message = parsePayload(payload);
  if (!message) return rejected("malformed", "not a Sparkplug B payload");
  const before: SparkplugState = (state as SparkplugState | undefined) ?? { aliases: {} };
  if (type === "NDEATH") return nodeDeath(message, before, receivedAt);
  const decoded = decodeMetrics(type, device, message, { before, receivedAt });
  const isUnborn = state === undefined && type.endsWith("DATA");
  return isUnborn || decoded.rejections.some(({ detail }) => detail.includes(NO_BIRTH))
    ? askForBirth(decoded, `spBv1.0/${group}/NCMD/${edge}`, receivedAt)
    : decoded;
};

const NO_BIRTH = "is in no BIRTH";
/** An edge node that does not answer is asked again after this, milliseconds. */
const ASK_AGAIN_MS = 60_000;

function askForBirth(decoded: Decoded, topic: string, receivedAt: number): Decoded {
  const state = decoded.state as SparkplugState | undefined;
  if (state === undefined || receivedAt - (state.askedAt ?? -Infinity) < ASK_AGAIN_MS) return decoded;
  const warnings = [...decoded.warnings, "the edge node is asked for a new BIRTH"];
  return {
    ...decoded,
    warnings,
    state: { ...state, askedAt: receivedAt },
    reply: { topic, payload: rebirthCommand(receivedAt) },
  };
}

function nodeDeath(message: SparkplugPayload, state: SparkplugState, receivedAt: number): Decoded {
  const bdSeq = bdSeqOf(message);
  if (bdSeq !== state.bdSeq) return { ...emptyDecoded(), warnings: [`NDEATH of an earlier session, bdSeq ${bdSeq}`] };
  const session = bdSeq === undefined ? undefined : String(bdSeq);
  return { ...emptyDecoded(), statuses: [{ ts: receivedAt, state: "offline", session }] };
}

function decodeMetrics(
  type: string,
  device: string | undefined,
  message: SparkplugPayload,
  { before, receivedAt }: { before: SparkplugState; receivedAt: number },
): Decoded {
  const decoded = emptyDecoded();
  const isBirth = type.endsWith("BIRTH");
  const state = nextState(type, message, before, decoded);
  const byTime = new Map<number, Map<string, Metric["value"]>>();
  message.metrics.forEach((metric, index) => {
    const known = metric.alias === undefined ? undefined : state.aliases[String(metric.alias)];
    const name = metric.name ?? known?.name;
    if (name === undefined) {
      const detail = `metric ${index}: alias ${metric.alias} ${NO_BIRTH}: the edge node must send one`;
      decoded.rejections.push({ index, reason: "not-a-reading", detail });
    } else if (!/^(?:bdSeq|Node Control\/.*|Device Control\/.*|Properties\/.*)$/.test(name) && metric.value !== null) {
      const ts = metric.timestamp ?? message.timestamp ?? receivedAt;
      const value = signedValue(metric.value, metric.datatype ?? known?.datatype);
      const values = byTime.get(ts) ?? new Map<string, Metric["value"]>();
      byTime.set(ts, values.set(device === undefined ? name : `${device}/${name}`, value));
    }
  });
  if (byTime.size > MAX_READINGS_PER_MESSAGE) {
    return rejected(
      "too-many-readings",
      `metrics of ${byTime.size} instants, at most ${MAX_READINGS_PER_MESSAGE} are allowed`,
    );
  }
  for (const [index, [ts, values]] of [...byTime].sort(([a], [b]) => a - b).entries()) {
    const whole = completePosition(values, state);
    const part = emptyDecoded();
    const none = addKeyValues(part, { ts, seq: message.seq, values: Object.fromEntries(whole) }, index);
    decoded.readings.push(...part.readings);
    decoded.warnings.push(...part.warnings);
    if (!isBirth && part.ignored) decoded.ignored = [...addIgnoredFields(decoded.ignored, part.ignored)];
    decoded.rejections.push(...part.rejections);
    // A BIRTH lists all metrics of the node; that most of them are no readings is not worth a warning.
    if (none !== undefined && !isBirth) decoded.warnings.push(none);
  }
  if (type === "NBIRTH") {
    const session = state.bdSeq === undefined ? undefined : String(state.bdSeq);
    decoded.statuses = [{ ts: message.timestamp ?? receivedAt, state: "online", session }];
  }
  return { ...decoded, state };
}

const POSITION = /^(.*?)(?:lat|latitude|lon|lng|longitude)$/i;
/** At most this many latitudes and longitudes of one edge node are kept. */
const MAX_POSITION_VALUES = 40;

/** Only changed values are sent (report by exception): a truck that drives due north sends its latitude alone. */
function completePosition(
  values: ReadonlyMap<string, Metric["value"]>,
  state: SparkplugState,
): Map<string, Metric["value"]> {
  const whole = new Map(values);
  for (const [name, value] of values) {
    const prefix = POSITION.exec(name)?.[1];
    if (prefix === undefined) continue;
    for (const [known, last] of Object.entries(state.position ?? {})) {
      if (POSITION.exec(known)?.[1] === prefix && !whole.has(known)) whole.set(known, last);
    }
    const room =
      Object.keys(state.position ?? {}).length < MAX_POSITION_VALUES || Object.hasOwn(state.position ?? {}, name);
    if (typeof value === "number" && room) state.position = { ...state.position, [name]: value };
  }
  return whole;
}

function nextState(type: string, message: SparkplugPayload, before: SparkplugState, decoded: Decoded): SparkplugState {
  const { seq } = message;
  const expected = before.seq === undefined ? undefined : (before.seq + 1) % SEQUENCE_RANGE;
  // The readings are ordered by their times, so a gap does no harm to them; but it may hide a missed BIRTH.
  if (type !== "NBIRTH" && expected !== undefined && seq !== undefined && seq !== expected) {
    decoded.warnings.push(`seq ${seq}, expected ${expected}`);
  }
  const state: SparkplugState = { ...before, seq: seq ?? before.seq };
  if (type === "NBIRTH") Object.assign(state, { aliases: {}, position: {}, bdSeq: bdSeqOf(message) });
  if (type.endsWith("BIRTH")) {
    state.askedAt = undefined;
    state.aliases = { ...state.aliases, ...aliasesOf(message.metrics, decoded) };
  }
  return state;
}

function aliasesOf(metrics: readonly Metric[], decoded: Decoded): SparkplugState["aliases"] {
  const named = metrics.filter(({ alias, name }) => alias !== undefined && name !== undefined);
  if (named.length > MAX_ALIASES)
    decoded.warnings.push(`${named.length} aliases: only the first ${MAX_ALIASES} are kept`);
  const entries = named.slice(0, MAX_ALIASES).map(({ alias, name = "", datatype }) => {
    return [String(alias), datatype === undefined ? { name } : { name, datatype }] as const;
  });
  return Object.fromEntries(entries);
}

function bdSeqOf({ metrics }: SparkplugPayload): number | undefined {
  const value = metrics.find(({ name }) => name === "bdSeq")?.value;
  return typeof value === "number" ? value : undefined;
}

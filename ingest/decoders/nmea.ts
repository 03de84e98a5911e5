import { type Decoded, type Decoder, nothing, refused } from "./decoder.ts";
import { type FixData, nearestInstant, readGga, readRmc, type RecommendedMinimum, timeOfDayOf } from "./nmea-fix.ts";
import { sentencesOf } from "./nmea-sentence.ts";
import { present } from "./present.ts";
import { addReading } from "./add-reading.ts";
import { refusedLines } from "./text-lines.ts";
import { withoutRollover } from "./week-rollover.ts";

/** What must be known of earlier messages: bridges often send each sentence as a message of its own. */
interface NmeaState {
  /** RMC names the date, so a device that sends it is heard by its RMC and GGA only adds to it */
  sendsRmc?: boolean;
  gga?: FixData;
}

/**
 * NMEA 0183 as receivers send it: RMC and GGA of one instant become one fix. A sentence with a bad checksum is
 * reported, others are read. No fix: a repeated position is kept with `satellites: 0`, which the position rule flags;
 * without a position there is nothing to keep.
 */
export const decodeNmea: Decoder = ({ payload, receivedAt, state: before }) => {
  const results = sentencesOf(payload);
  if (results.length === 0) return refused("malformed", "no NMEA sentence in the message");
  const refusal = refusedLines(results.filter((result) => !result.ok || /^(?:RMC|GGA)$/.test(result.sentence.type)));
  if (refusal && refusal.rejections[0]?.reason !== "empty") return refusal;

  const decoded = nothing();
  const state: NmeaState = { ...(before as NmeaState | undefined) };
  const rmcs: { rmc: RecommendedMinimum; index: number }[] = [];
  const ggas: { gga: FixData; index: number }[] = [];
  results.forEach((result, index) => {
    if (!result.ok) {
      decoded.rejections.push({ index, reason: "bad-checksum", detail: result.detail });
      return;
    }
    const { sentence } = result;
    const rmc = sentence.type === "RMC" ? readRmc(sentence) : undefined;
    const gga = sentence.type === "GGA" ? readGga(sentence) : undefined;
    if (rmc) rmcs.push({ rmc: { ...rmc, ts: withoutRollover(rmc.ts, receivedAt) }, index });
    if (gga) ggas.push({ gga, index });
    if (!rmc && !gga && /^(?:RMC|GGA)$/.test(sentence.type)) noFix(decoded, index);
  });

  if (rmcs.length > 0) state.sendsRmc = true;
  const known = [...(state.gga ? [state.gga] : []), ...ggas.map(({ gga }) => gga)];
  for (const { rmc, index } of rmcs) {
    const gga = known.find(({ timeOfDay }) => timeOfDay === timeOfDayOf(rmc.ts));
    addFix(
      decoded,
      { ...rmc, satellites: gga?.satellites, altitude: gga?.altitude, fix: rmc.fix && gga?.fix !== false },
      index,
    );
  }
  if (state.sendsRmc !== true) {
    // Without any date, the instant nearest to the receipt is the best there is.
    for (const { gga, index } of ggas)
      addFix(decoded, { ...gga, ts: nearestInstant(gga.timeOfDay, receivedAt) }, index);
  }
  const last = ggas.at(-1)?.gga;
  return { ...decoded, state: last ? { ...state, gga: last } : state };
};

type Fix = Pick<RecommendedMinimum, "ts" | "fix" | "place"> &
  Partial<Pick<RecommendedMinimum, "speed" | "heading"> & Pick<FixData, "satellites" | "altitude">>;

function addFix(decoded: Decoded, { ts, fix, place, speed, heading, satellites, altitude }: Fix, index: number): void {
  if (!place) return noFix(decoded, index);
  // Without a fix, speed 0 does not mean "stopped".
  const details = fix ? { speed, heading, altitude, satellites } : { satellites: 0 };
  addReading(decoded, "gps", present({ ts, ...place, ...details }), index);
}

function noFix(decoded: Decoded, index: number): void {
  decoded.warnings.push(`sentence ${index}: no fix, nothing to keep`);
}

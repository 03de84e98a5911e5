import { type Decoded, type Decoder, emptyDecoded, rejected } from "./decoder.ts";
import { type GgaData, nearestInstant, parseGga, parseRmc, type RmcData, timeOfDayOf } from "./nmea-fix.ts";
import { sentencesOf } from "./nmea-sentence.ts";
import { omitMissing } from "./omit-missing.ts";
import { checkLineCount } from "./text-lines.ts";
import { ignoreField } from "./validation/ignored-fields.ts";
import { addTimedReading } from "./time/receiver-time.ts";

/** Kept between messages: gateways often send each sentence as a message of its own. */
interface NmeaState {
  /** RMC has the date. Of a device that sends RMC, GGA only adds to it and makes no fix of its own */
  sendsRmc?: boolean;
  gga?: GgaData;
}

/**
 * NMEA 0183: RMC and GGA of one instant become one reading. A sentence with a bad checksum is rejected, the others are
 * read. Without a fix a repeated position is kept with `satellites: 0`, which the position rule marks `nofix`; a sentence
 * without a position is a warning.
 */
export const decodeNmea: Decoder = ({ payload, receivedAt, state: before }) => {
  const results = sentencesOf(payload);
  if (payload.length === 0) return rejected("empty", "empty payload");
  if (results.length === 0) return rejected("malformed", "no NMEA sentence in the message");
  const refusal = checkLineCount(results.filter((result) => !result.ok || /^(?:RMC|GGA)$/.test(result.sentence.type)));
  if (refusal && refusal.rejections[0]?.reason !== "empty") return refusal;

  const decoded = emptyDecoded();
  const state: NmeaState = { ...(before as NmeaState | undefined) };
  const rmcs: { rmc: RmcData; index: number }[] = [];
  const ggas: { gga: GgaData; index: number }[] = [];
  results.forEach((result, index) => {
    if (!result.ok) {
      decoded.rejections.push({ index, reason: "bad-checksum", detail: result.detail });
      return;
    }
    const { sentence } = result;
    const rmc = sentence.type === "RMC" ? parseRmc(sentence) : undefined;
    const gga = sentence.type === "GGA" ? parseGga(sentence) : undefined;
    if (!/^(?:RMC|GGA)$/.test(sentence.type)) ignoreField(decoded, "gps", sentence.type, () => "an NMEA sentence");
    if (rmc) rmcs.push({ rmc, index });
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
      receivedAt,
    );
  }
  if (state.sendsRmc !== true) {
    // GGA has no date: the instant nearest to the time of receipt is used.
    for (const { gga, index } of ggas)
      addFix(decoded, { ...gga, ts: nearestInstant(gga.timeOfDay, receivedAt) }, index, receivedAt);
  }
  const last = ggas.at(-1)?.gga;
  return { ...decoded, state: last ? { ...state, gga: last } : state };
};

type Fix = Pick<RmcData, "ts" | "fix" | "position"> &
  Partial<Pick<RmcData, "speed" | "heading"> & Pick<GgaData, "satellites" | "altitude">>;

function addFix(
  decoded: Decoded,
  { ts, fix, position, speed, heading, satellites, altitude }: Fix,
  index: number,
  receivedAt: number,
): void {
  if (!position) return noFix(decoded, index);
  // Without a fix, receivers report speed 0 whether the vehicle stands or not.
  const details = fix ? { speed, heading, altitude, satellites } : { satellites: 0 };
  addTimedReading(decoded, "gps", { ts, ...position, ...omitMissing(details) }, index, receivedAt);
}

function noFix(decoded: Decoded, index: number): void {
  decoded.warnings.push(`sentence ${index}: no fix and no position`);
}

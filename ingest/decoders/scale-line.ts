import { GRAMS_PER_UNIT } from "../../broker/contract/scale.ts";
import { type Decoder, nothing } from "./decoder.ts";
import { addReading } from "./add-reading.ts";
import { scaleFrame } from "./scale-frame.ts";
import { scaleText, type WeighingResult } from "./scale-text.ts";
import { linesOf, lineTime, refusedLines } from "./text-lines.ts";

/**
 * What scales say on a serial line, one line or a buffer of them: with header (`ST,GS,+  12.345kg`), MT-SICS
 * (`S S  100.00 g`), bare (`15.5 KG G`), Yaohua frames between STX and ETX. An unstable weight is kept as
 * `stable: false`, so that it shows and never counts; an overload is no weight at all.
 */
export const decodeScaleLine: Decoder = ({ payload, receivedAt }) => {
  const frames = payload.includes(STX) ? framesOf(payload) : [];
  const results = frames.length > 0 ? frames.map(scaleFrame) : linesOf(payload).map(scaleText);
  const refusal = refusedLines(results);
  if (refusal) return refusal;
  const decoded = nothing();
  results.forEach((result: WeighingResult, index) => {
    if (!result.ok) {
      decoded.rejections.push({ index, reason: result.reason, detail: result.detail });
      return;
    }
    const { weight, unit, stable, net } = result.weighing;
    const flag = stable === undefined ? {} : { stable };
    addReading(decoded, "scale", { ...lineTime(receivedAt, index), grams: gramsOf(weight, unit), ...flag }, index);
    if (net) decoded.warnings.push(`line ${index}: a net weight; the tare of the shelf is taken off once more`);
    if (stable === false) decoded.warnings.push(`line ${index}: unstable, does not count`);
  });
  return decoded;
};

const STX = 0x02;
const ETX = 0x03;

/** Nanograms are beyond any scale; rounding takes off what binary fractions add (5.23 × 1000). */
const gramsOf = (weight: number, unit: keyof typeof GRAMS_PER_UNIT): number =>
  Math.round(weight * GRAMS_PER_UNIT[unit] * 1e9) / 1e9;

function framesOf(payload: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let start = payload.indexOf(STX); start >= 0; start = payload.indexOf(STX, start + 1)) {
    const end = payload.indexOf(ETX, start);
    if (end < 0) break;
    frames.push(payload.subarray(start + 1, end));
    start = end;
  }
  return frames;
}

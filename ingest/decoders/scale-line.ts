import { GRAMS_PER_UNIT } from "../../broker/contract/scale.ts";
import { type Decoder, emptyDecoded } from "./decoder.ts";
import { addReading } from "./validation/add-reading.ts";
import { parseScaleFrame } from "./scale-frame.ts";
import { parseScaleText, type WeighingResult } from "./scale-text.ts";
import { linesOf, lineTime, checkLineCount } from "./text-lines.ts";

/**
 * The serial output of scales, one line or several: with a header (`ST,GS,+  12.345kg`), MT-SICS (`S S  100.00 g`), bare
 * (`15.5 KG G`), or Yaohua frames between STX and ETX. An unstable weight is kept with `stable: false`: it is shown, but
 * never counted. An overload is rejected.
 */
export const decodeScaleLine: Decoder = ({ payload, receivedAt }) => {
  const frames = payload.includes(STX) ? framesOf(payload) : [];
  const results = frames.length > 0 ? frames.map(parseScaleFrame) : linesOf(payload).map(parseScaleText);
  const refusal = checkLineCount(results);
  if (refusal) return refusal;
  const decoded = emptyDecoded();
  results.forEach((result: WeighingResult, index) => {
    if (!result.ok) {
      decoded.rejections.push({ index, reason: result.reason, detail: result.detail });
      return;
    }
    const { weight, unit, stable, net } = result.weighing;
    const flag = stable === undefined ? {} : { stable };
    addReading(decoded, "scale", { ...lineTime(receivedAt, index), grams: gramsOf(weight, unit), ...flag }, index);
    if (net) decoded.warnings.push(`line ${index}: a net weight: the tare of the shelf is subtracted once more`);
    if (stable === false) decoded.warnings.push(`line ${index}: unstable: not counted`);
  });
  return decoded;
};

const STX = 0x02;
const ETX = 0x03;

/** Rounds to nanograms, below any scale's resolution: 5.23 × 1000 is not 5230 in binary fractions. */
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

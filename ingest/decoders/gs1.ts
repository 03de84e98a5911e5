import { hasValidCheckDigit } from "../domain/gs1/check-digit.ts";
import { parseDigitalLink } from "../domain/gs1/digital-link.ts";
import { parseElementString } from "../domain/gs1/element-string.ts";
import { problemReason } from "../domain/gs1/problem-reason.ts";
import { type Decoder, emptyDecoded } from "./decoder.ts";
import { addReading } from "./validation/add-reading.ts";
import { linesOf, lineTime, checkLineCount } from "./text-lines.ts";

/** AIM symbology identifiers of the barcodes used in warehouses (GS1 General Specifications §5.1.2, ISO/IEC 15424). */
const SYMBOLOGIES: Readonly<Record<string, string>> = {
  C1: "gs1-128",
  e0: "gs1-databar",
  d2: "gs1-datamatrix",
  Q3: "gs1-qr",
  J1: "gs1-dotcode",
  E0: "ean-13",
  E4: "ean-8",
  C0: "code-128",
  A0: "code-39",
  I1: "itf-14",
  d1: "datamatrix",
  Q1: "qr",
};

/** The contract's limit for a scanned code; a longer one is not parsed. */
const MAX_CODE = 512;

/** Carriers that hold GS1 element strings and nothing else. */
const GS1_CARRIERS = new Set(["C1", "e0", "d2", "Q3", "J1"]);

/**
 * A hand scanner that sends one code per line. A GS1 code must be valid, check digit included. Any other text may be a
 * SKU or a tracking number, and is kept: the scan is resolved later.
 */
export const decodeGs1: Decoder = ({ payload, receivedAt }) => {
  const lines = linesOf(payload);
  const refusal = checkLineCount(lines);
  if (refusal) return refusal;
  const decoded = emptyDecoded();
  lines.forEach((line, index) => {
    const carrier = /^\]([A-Za-z][0-9A-Za-z])/.exec(line)?.[1];
    const code = (carrier === undefined ? line : line.slice(3)).trim();
    const wrong = problemOf(code, carrier);
    if (wrong !== undefined) {
      const reason = problemReason(wrong);
      decoded.rejections.push({ index, reason, detail: wrong });
      return;
    }
    const symbology = carrier === undefined ? {} : { symbology: SYMBOLOGIES[carrier] ?? `aim-${carrier}` };
    addReading(decoded, "scan", { ...lineTime(receivedAt, index), code, ...symbology }, index);
  });
  return decoded;
};

function problemOf(code: string, carrier: string | undefined): string | undefined {
  if (code.length > MAX_CODE) return `a code of ${code.length} characters, at most ${MAX_CODE} are allowed`;
  if (carrier === "E0" || carrier === "E4") return hasValidCheckDigit(code) ? undefined : `${code}: wrong check digit`;
  const mustBeElements = code.startsWith("(") || (carrier !== undefined && GS1_CARRIERS.has(carrier));
  if (mustBeElements) {
    const result = parseElementString(code);
    return result.ok ? undefined : result.detail;
  }
  const sscc = /^(?:00)?(\d{18})$/.exec(code)?.[1];
  if (sscc !== undefined) return hasValidCheckDigit(sscc) ? undefined : `SSCC ${sscc} has a wrong check digit`;
  const link = /^https?:/i.test(code) ? parseDigitalLink(code) : undefined;
  // A web address without a GS1 key is a label of another kind, and is kept as text.
  return link && !link.ok && link.detail.includes("check digit") ? link.detail : undefined;
}

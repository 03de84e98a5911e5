import { parseSscc } from "../../../ingest/domain/gs1/sscc.ts";

const base = (publicUrl: string): string => publicUrl.replace(/\/+$/, "");

/** The address of the tracking page. A number of our own is in it, so that a scanner that reads it knows which shipment it is. */
export function trackingUrl(publicUrl: string, token: string, trackingNumber: string): string {
  const number = parseSscc(trackingNumber) === undefined ? `?number=${encodeURIComponent(trackingNumber)}` : "";
  return `${base(publicUrl)}/track/${token}${number}`;
}

/**
 * What the QR code of a label says: for an SSCC its GS1 Digital Link (URI Syntax 1.3), which scanners read as the SSCC and phones open
 * as the tracking page; else the address of that page.
 * @param token undefined: a label that opens no page
 */
export function labelUrl(publicUrl: string, number: string, token: string | undefined): string {
  if (parseSscc(number) !== undefined) {
    const link = `${base(publicUrl)}/00/${number}`;
    return token === undefined ? link : `${link}?t=${token}`;
  }
  return token === undefined ? number : trackingUrl(publicUrl, token, number);
}

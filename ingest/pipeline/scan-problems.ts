import type { CodeKeys } from "./scanned-codes.ts";
import { problemReason } from "../domain/gs1/problem-reason.ts";

/** What is wrong with a scan, in words for the person who scanned. */
export interface ScanProblem {
  /** of the quarantined message and of the error report */
  reason: string;
  detail: string;
}

const problem = (reason: string, detail: string): ScanProblem => ({ reason, detail });

/** A code that names nothing, or cannot be read. */
export function unknownCode(code: string, { problem: unreadable }: CodeKeys): ScanProblem {
  if (unreadable === undefined) {
    return problem(
      "unknown-code",
      `${code} is no tracking number, tag, SKU or barcode, no reference and no driver's card, that is known here`,
    );
  }
  return problem(problemReason(unreadable), `${unreadable}: scan the label again, or type the number`);
}

export const notItsTime = (code: string): ScanProblem =>
  problem(
    "not-its-time",
    `${code} identified no shipment at the time of the scan: it was bound later, or unpacked before`,
  );

export const severalShipments = (reference: string, count: number): ScanProblem =>
  problem(
    "several-shipments",
    `${count} shipments have the reference ${reference}: scan the label of the one you mean`,
  );

export const unknownLocation = (id: number): ScanProblem =>
  problem("unknown-location", `there is no location ${id}: the scanner is set up for a place that does not exist`);

export function noLocation(isOnVehicle: boolean): ScanProblem {
  const why = isOnVehicle
    ? "the scanner's vehicle was in no known place then"
    : "the scanner is mounted nowhere and the scan has no location_id";
  return problem("no-location", `nobody knows where this was scanned: ${why}`);
}

export const notKeptThere = (sku: string, place: string): ScanProblem =>
  problem("not-kept-there", `${sku} is not kept at ${place}: receive it there first`);

export const signOnWithoutVehicle = (driver: string): ScanProblem =>
  problem(
    "no-vehicle",
    `this is the card of ${driver}: to sign on, scan it with a scanner that is mounted on the vehicle`,
  );

export const noAction = (sku: string): ScanProblem =>
  problem("no-action", `the scan of ${sku} does not say what was done: receive, pick or count`);

export const labelOfOne = (sku: string): ScanProblem =>
  problem(
    "no-quantity",
    `this is the label of one piece or case of ${sku}, and no count of the place: enter how many are there`,
  );

export const noEffect = (sku: string, action: string): ScanProblem =>
  problem("no-effect", `${sku} is a product in stock: ${action} is for shipments; scan pick to take pieces`);

export const noQuantity = (sku: string, action: string): ScanProblem =>
  problem("no-quantity", `to ${action} ${sku} the scan needs a quantity${action === "count" ? "" : " above 0"}`);

export const unknownPosition = (): ScanProblem =>
  problem(
    "unknown-position",
    "where the scanner's vehicle was is not known yet: the scan counts once its positions have come",
  );

export const onePiece = (sku: string, serial: string, quantity: number): ScanProblem =>
  problem("one-piece", `serial ${serial} of ${sku} is one piece, not ${quantity}: it was counted as one`);

export const repeatedSerial = (
  code: string,
  isReceived: boolean,
  of: { at: number; deviceId?: string },
): ScanProblem => {
  const by = of.deviceId === undefined ? "" : ` with ${of.deviceId}`;
  const what = isReceived ? "received here" : "picked";
  return problem(
    "repeated-serial",
    `${code} was ${what} already, at ${new Date(of.at).toISOString()}${by}: the same piece counts once`,
  );
};

export const moreThanThere = (code: string, missing: number): ScanProblem =>
  problem(
    "more-than-there",
    `${code}: more was picked than is recorded there, ${missing} too many. Count what is there`,
  );

export const doubtfulCode = (doubt: string): ScanProblem => problem("unclear-code", doubt);

/**
 * Scale, RFID and ledger say how much there is of one product at one place. One of them governs; where another sensor
 * says otherwise for long, a person is asked to count, and is told whom to suspect.
 */
import type { StockContext, StockState } from "./stock.ts";

export type Witness = "ledger" | "scale" | "rfid";

/** Shorter differences are goods on their way from one sensor's sight to the other's, or a slip yet to be written. */
export const LASTING_MS = 15 * 60_000;

/** What each says, in base units. */
export type Testimony = Partial<Record<Witness, number>>;

type Words = Pick<StockState, "quantity" | "ledger" | "scale" | "rfid">;
type Governing = StockContext["governing"];

/** A scale this unsure of its count is suspected before the ledger. */
const UNSURE = 0.8;

/** Whether a sensor that does not govern contradicts the level. */
export function differ({ quantity, scale, rfid }: Words, governing: Governing): boolean {
  const contradicts = (sensor: "scale" | "rfid", word: Words["scale"]) =>
    governing !== sensor && word !== null && word.quantity !== quantity;
  return contradicts("scale", scale) || contradicts("rfid", rfid);
}

/** Who says what, and who is most likely wrong; undefined when none contradicts the level. */
export function reconcile(state: Words, governing: Governing): { testimony: Testimony; suspect: Witness } | undefined {
  if (!differ(state, governing)) return undefined;
  const testimony = testimonyOf(state, governing);
  return { testimony, suspect: suspectOf(testimony, state.scale?.confidence ?? 1) };
}

function testimonyOf({ quantity, ledger, scale, rfid }: Words, governing: Governing): Testimony {
  return {
    ...(ledger !== null && { ledger }),
    ...(scale && { scale: scale.quantity }),
    ...(rfid && { rfid: rfid.quantity }),
    [governing]: quantity,
  };
}

/**
 * Two against one; else by how each errs: tags go unread behind metal and liquid but are never invented, so RFID is
 * suspected when it says the least and believed when it says more; a ledger errs when a movement was not written down.
 */
function suspectOf(testimony: Testimony, scaleConfidence: number): Witness {
  const words = Object.entries(testimony) as [Witness, number][];
  const outvoted = words.filter(([, quantity]) => words.filter(([, other]) => other === quantity).length === 1);
  if (words.length === 3 && outvoted.length === 1) return outvoted[0]![0];
  const { rfid } = testimony;
  if (rfid !== undefined) return words.toSorted(([, a], [, b]) => a - b)[0]![0];
  return scaleConfidence < UNSURE ? "scale" : "ledger";
}

import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";

/** Where the tag of a single piece was read last, and what that says. Epoch milliseconds. */
export interface ReadPiece {
  /** left: it went out of the place; unseen: it is no longer read there, and nobody has seen it leave */
  state: "there" | "left" | "unseen" | "aboard";
  /** where it is, or was last; null: only ever aboard a vehicle */
  locationId: number | null;
  vehicleId: number | null;
  at: number;
}

/**
 * Where a piece is by the reads of its tag. A portal that no longer reads it says nothing: it has gone in or out past it.
 * @param facts of the tag, in any order
 * @returns undefined: it was never read in a way that says where it is
 */
export function foldPlace(facts: readonly NewFact[]): ReadPiece | undefined {
  let piece: ReadPiece | undefined;
  for (const fact of facts.toSorted(byEventTime)) {
    if (fact.type === "seen") {
      const { locationId, vehicleId, direction } = fact.data;
      if (vehicleId !== undefined) {
        piece = {
          state: "aboard",
          locationId: piece?.locationId ?? null,
          vehicleId,
          at: sinceOf(piece, fact, "aboard"),
        };
      } else if (locationId !== null && direction !== "unknown") {
        const state = direction === "in" ? "there" : "left";
        piece = { state, locationId, vehicleId: null, at: sinceOf(piece, fact, state) };
      }
    } else if (fact.type === "gone" && fact.data.portal !== true && isWhereItWas(piece, fact.data)) {
      piece = { state: "unseen", locationId: piece!.locationId, vehicleId: null, at: fact.at };
    }
  }
  return piece;
}

/** A piece that is read again where it is has been there since it came. */
function sinceOf(piece: ReadPiece | undefined, fact: NewFact & { type: "seen" }, state: ReadPiece["state"]): number {
  const { locationId, vehicleId = null } = fact.data;
  const isSame =
    piece?.state === state && piece.vehicleId === vehicleId && (state === "aboard" || piece.locationId === locationId);
  return isSame ? piece.at : fact.at;
}

function isWhereItWas(
  piece: ReadPiece | undefined,
  { locationId, vehicleId }: { locationId: number | null; vehicleId?: number },
): boolean {
  if (piece?.state === "aboard") return piece.vehicleId === vehicleId;
  return piece?.state === "there" && piece.locationId === locationId;
}

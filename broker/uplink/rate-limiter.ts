import type { Principal } from "../auth/authorize.ts";

/** readings per turn of one client: they share a flush of the journal */
const READINGS_PER_TURN = 128;
/** ordinary messages per turn of one client: fewer, since each costs a delivery to every subscriber */
const ORDINARY_PER_TURN = 8;

/** How many packets of one client are handled before other clients have their turn. */
export function packetsPerTurn({ type }: Principal): number {
  return type === "anonymous" ? ORDINARY_PER_TURN : READINGS_PER_TURN;
}

import type { NewFact } from "../fact.ts";

/*
 * Gates side by side hear the same tag. The gate that it goes through hears it often and loudly, its neighbour seldom and
 * faintly, and the order in which the neighbour's antennas hear it says nothing of where the tag went.
 *
 * A pass is a cross-read when another reader's gate has heard the same tag within 30 s of it, at least 6 dB louder and at
 * least twice as often; or, where neither reports strengths, at least three times as often. That holds for passes in every
 * direction and at every place, and it does not depend on which of the two became known first. Only one of two passes
 * can outweigh the other.
 *
 * Example: gate A hears a tag 20 times up to −42 dBm going out, gate B 6 times up to −60 dBm going in: it went out.
 */

/** Passes further apart than this are two passes, milliseconds. */
const SAME_PASS_MS = 30_000;
const MUCH_LOUDER_DB = 6;
const MUCH_MORE_READS = 2;
const MUCH_MORE_READS_ALONE = 3;

type Pass = NewFact & { type: "seen" };

/** @param ordered facts of any kind, by the time they happened; all but the passes that a neighbouring gate outweighs are returned */
export function filterNeighbouringGates<F extends NewFact>(ordered: readonly F[]): readonly F[] {
  const passes = ordered.filter(isPass);
  if (passes.length < 2) return ordered;
  const outweighed = new Set<NewFact>(passes.filter((pass, index) => isOutweighed(pass, index, passes)));
  return outweighed.size === 0 ? ordered : ordered.filter((fact) => !outweighed.has(fact));
}

function isPass<F extends NewFact>(fact: F): fact is F & Pass {
  return fact.type === "seen" && fact.data.portal === true;
}

function isOutweighed(pass: Pass, index: number, passes: readonly Pass[]): boolean {
  for (let i = index - 1; i >= 0 && pass.at - passes[i]!.at <= SAME_PASS_MS; i -= 1) {
    if (outweighs(passes[i]!, pass)) return true;
  }
  for (let i = index + 1; i < passes.length && passes[i]!.at - pass.at <= SAME_PASS_MS; i += 1) {
    if (outweighs(passes[i]!, pass)) return true;
  }
  return false;
}

function outweighs(other: Pass, pass: Pass): boolean {
  if (other.subject !== pass.subject || other.deviceId === pass.deviceId) return false;
  const { reads: often = 0, rssiDbm: loud } = other.data;
  const { reads: seldom = 0, rssiDbm: faint } = pass.data;
  if (loud === undefined && faint === undefined) return seldom > 0 && often >= MUCH_MORE_READS_ALONE * seldom;
  if (loud === undefined || faint === undefined) return false;
  return loud - faint >= MUCH_LOUDER_DB && often >= MUCH_MORE_READS * seldom;
}

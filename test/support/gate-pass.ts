/**
 * The reads of a tag that is carried through a gate within 1.5 s: three by the antenna it passes first, three by the other,
 * each signal rising and falling.
 * @param ts of the first read, epoch milliseconds
 * @param antennas the antenna it passes first, and the other
 */
export function gatePass(ts: number, epc: string, antennas: readonly [number, number]) {
  return [0, 1, 2, 3, 4, 5].map((i) => ({
    ts: ts + i * 300,
    epc,
    antenna: antennas[i < 3 ? 0 : 1],
    rssi: [-52, -45, -57][i % 3]!,
  }));
}

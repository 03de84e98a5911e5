import type { ByteReader } from "./byte-reader.ts";

/** One AVL record: a fix, and the values of the tracker's inputs by AVL id. */
export interface AvlRecord {
  /** epoch milliseconds */
  ts: number;
  lat: number;
  lon: number;
  altitude: number;
  heading: number;
  satellites: number;
  speedKmh: number;
  /** the input that caused the record; 0: none did, it was time */
  cause: number;
  /** NaN: of any length (codec 8 extended), not read */
  inputs: ReadonlyMap<number, number>;
  /** inputs of eight bytes as hex digits: a number would lose the last of them */
  ids: ReadonlyMap<number, string>;
}

/**
 * Codec 8 has one byte for the number and for the id of inputs; codec 8 extended has two, and adds inputs of any length.
 * @throws RangeError when the bytes end within the record
 */
export function parseRecord(reader: ByteReader, extended: boolean): AvlRecord {
  const ts = reader.unsigned(8);
  reader.skip(1); // priority
  const lon = reader.signed(4) / 1e7;
  const lat = reader.signed(4) / 1e7;
  const altitude = reader.signed(2);
  const heading = reader.unsigned(2);
  const satellites = reader.unsigned(1);
  const speedKmh = reader.unsigned(2);

  const width = extended ? 2 : 1;
  const inputs = new Map<number, number>();
  const cause = reader.unsigned(width);
  reader.skip(width); // the number of inputs
  for (const bytes of [1, 2, 4]) {
    for (let left = reader.unsigned(width); left > 0; left--)
      inputs.set(reader.unsigned(width), reader.unsigned(bytes));
  }
  const ids = new Map<number, string>();
  for (let left = reader.unsigned(width); left > 0; left--) {
    const id = reader.unsigned(width);
    const [high, low] = [reader.unsigned(4), reader.unsigned(4)];
    inputs.set(id, high * 2 ** 32 + low);
    ids.set(id, hexOf(high) + hexOf(low));
  }
  if (extended) {
    for (let left = reader.unsigned(2); left > 0; left--) {
      const id = reader.unsigned(2);
      reader.skip(reader.unsigned(2));
      inputs.set(id, Number.NaN);
    }
  }
  return { ts, lat, lon, altitude, heading, satellites, speedKmh, cause, inputs, ids };
}

const hexOf = (word: number): string => word.toString(16).toUpperCase().padStart(8, "0");

const TYPES = { int8: 20, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
/** 2000-01-01T00:00:00Z, from which Postgres counts microseconds; in epoch milliseconds */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/**
 * Parses what `array_send` gives for an array of one dimension of `int8`, `float8`, or `timestamptz` (as epoch milliseconds).
 * Big endian: dimensions, flags, type of the elements, length, first index, and for each element its bytes (-1: NULL) and value.
 * @param array null: the aggregate of no rows
 */
export function numbersOfArray(array: Buffer | null): (number | null)[] {
  if (array === null || array.readInt32BE(0) === 0) return [];
  const type = array.readInt32BE(8);
  if (type !== TYPES.int8 && type !== TYPES.float8 && type !== TYPES.timestamptz) {
    throw new TypeError(`elements of an array have the unexpected type ${type}`);
  }
  const numbers = Array<number | null>(array.readInt32BE(12));
  let offset = HEADER_BYTES;
  for (let at = 0; at < numbers.length; at += 1) {
    const isNull = array.readInt32BE(offset) === -1;
    offset += 4;
    if (isNull) {
      numbers[at] = null;
      continue;
    }
    if (type === TYPES.float8) numbers[at] = array.readDoubleBE(offset);
    else {
      const value = array.readInt32BE(offset) * 2 ** 32 + array.readUInt32BE(offset + 4);
      numbers[at] = type === TYPES.int8 ? value : Math.round(value / 1000) + POSTGRES_EPOCH_MS;
    }
    offset += 8;
  }
  return numbers;
}

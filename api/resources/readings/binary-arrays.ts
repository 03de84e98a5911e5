const TYPES = { int8: 20, float8: 701, timestamptz: 1184 } as const;
const HEADER_BYTES = 20;
/** 2000-01-01T00:00:00Z, from which Postgres counts microseconds; in epoch milliseconds */
const POSTGRES_EPOCH_MS = 946_684_800_000;

/**
 * Parses what `array_send` gives for an array of one dimension of `int8`, `float8`, or `timestamptz` (as epoch milliseconds).
 * Big endian: dimensions, flags, type of the elements, length, first index, and for each element its bytes (-1: NULL) and value.
 * @param array null: the aggregate of no rows
 * @returns NaN for NULL
 */
export function numbersOfArray(array: Buffer | null): Float64Array {
  if (array === null || array.readInt32BE(0) === 0) return new Float64Array(0);
  const type = array.readInt32BE(8);
  if (type !== TYPES.int8 && type !== TYPES.float8 && type !== TYPES.timestamptz) {
    throw new TypeError(`elements of an array have the unexpected type ${type}`);
  }
  // A DataView reads twice as fast as the methods of a Buffer.
  const view = new DataView(array.buffer, array.byteOffset, array.byteLength);
  const numbers = new Float64Array(array.readInt32BE(12));
  let offset = HEADER_BYTES;
  for (let at = 0; at < numbers.length; at += 1) {
    const isNull = view.getInt32(offset) === -1;
    offset += 4;
    if (isNull) {
      numbers[at] = Number.NaN;
      continue;
    }
    if (type === TYPES.float8) numbers[at] = view.getFloat64(offset);
    else {
      const value = view.getInt32(offset) * 2 ** 32 + view.getUint32(offset + 4);
      numbers[at] = type === TYPES.int8 ? value : Math.round(value / 1000) + POSTGRES_EPOCH_MS;
    }
    offset += 8;
  }
  return numbers;
}

/**
 * A column of numbers as bytes of the narrowest type that represents every one of them exactly, in base64. The windows of
 * all devices of a batch are written with it; printing each number as JSON took ten times as long.
 */
export interface PackedNumbers {
  type: NumberType;
  base64: string;
}

type NumberType = "int8" | "int16" | "int32" | "float32" | "float64";

const BYTES: Record<NumberType, number> = { int8: 1, int16: 2, int32: 4, float32: 4, float64: 8 };
const LITTLE_ENDIAN = true;
let scratch = Buffer.alloc(1_024);
let view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/** @param values finite numbers; minus zero becomes zero */
export function packNumbers(values: readonly number[]): PackedNumbers {
  const type = narrowest(values);
  const bytes = values.length * BYTES[type];
  if (bytes > scratch.length) {
    scratch = Buffer.alloc(bytes);
    view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);
  }
  WRITERS[type](values);
  return { type, base64: scratch.toString("base64", 0, bytes) };
}

/** One loop per type, because this runs for every column of every device of a batch. */
const WRITERS: Record<NumberType, (values: readonly number[]) => void> = {
  int8(values) {
    for (let row = 0; row < values.length; row += 1) view.setInt8(row, values[row]!);
  },
  int16(values) {
    for (let row = 0; row < values.length; row += 1) view.setInt16(row * 2, values[row]!, LITTLE_ENDIAN);
  },
  int32(values) {
    for (let row = 0; row < values.length; row += 1) view.setInt32(row * 4, values[row]!, LITTLE_ENDIAN);
  },
  float32(values) {
    for (let row = 0; row < values.length; row += 1) view.setFloat32(row * 4, values[row]!, LITTLE_ENDIAN);
  },
  float64(values) {
    for (let row = 0; row < values.length; row += 1) view.setFloat64(row * 8, values[row]!, LITTLE_ENDIAN);
  },
};

export function unpackNumbers({ type, base64 }: PackedNumbers): number[] {
  const bytes = Buffer.from(base64, "base64");
  const packed = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: number[] = [];
  for (let at = 0; at < bytes.length; at += BYTES[type]) {
    if (type === "float64") values.push(packed.getFloat64(at, LITTLE_ENDIAN));
    else if (type === "float32") values.push(packed.getFloat32(at, LITTLE_ENDIAN));
    else if (type === "int32") values.push(packed.getInt32(at, LITTLE_ENDIAN));
    else if (type === "int16") values.push(packed.getInt16(at, LITTLE_ENDIAN));
    else values.push(packed.getInt8(at));
  }
  return values;
}

function narrowest(values: readonly number[]): NumberType {
  let min = 0;
  let max = 0;
  for (const value of values) {
    if (value !== (value | 0)) return narrowestFloat(values);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min >= -128 && max <= 127) return "int8";
  return min >= -32_768 && max <= 32_767 ? "int16" : "int32";
}

function narrowestFloat(values: readonly number[]): NumberType {
  return values.every((value) => Math.fround(value) === value) ? "float32" : "float64";
}

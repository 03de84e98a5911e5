import { ByteReader } from "./byte-reader.ts";
import { crc16 } from "./crc16.ts";
import { type Decoded, type Decoder, emptyDecoded, rejected } from "./decoder.ts";
import { omitMissing } from "./omit-missing.ts";
import { nameOfInput, PROBE_ERRORS } from "./teltonika-inputs.ts";
import { type AvlRecord, parseRecord } from "./teltonika-record.ts";
import { VEHICLE_INPUTS, vehicleOf } from "./teltonika-vehicle.ts";
import { ignoreField } from "./validation/ignored-fields.ts";
import { addTimedReading } from "./time/receiver-time.ts";

const CODEC_8 = 0x08;
const CODEC_8_EXTENDED = 0x8e;
/** Four zero bytes, then the length of the part that the checksum covers. */
const HEADER_BYTES = 8;
const CRC_BYTES = 4;

/**
 * Teltonika codec 8 and codec 8 extended: one TCP data packet per message. Without a fix the tracker repeats its last
 * position with 0 satellites and speed 0. Such a record is kept, and the position rule marks it `nofix`; its speed is left
 * out, because the vehicle need not stand.
 */
export const decodeTeltonika: Decoder = ({ payload, receivedAt }) => {
  if (payload.length === 0) return rejected("empty", "empty payload");
  if (payload.length < HEADER_BYTES + CRC_BYTES || payload.readUInt32BE(0) !== 0) {
    return rejected("malformed", "not a codec 8 packet: no preamble of four zero bytes");
  }
  const length = payload.readUInt32BE(4);
  if (payload.length !== HEADER_BYTES + length + CRC_BYTES) {
    return rejected("malformed", `${payload.length} bytes, but the packet states ${HEADER_BYTES + length + CRC_BYTES}`);
  }
  const body = payload.subarray(HEADER_BYTES, HEADER_BYTES + length);
  const [sent, computed] = [payload.readUInt32BE(HEADER_BYTES + length), crc16(body)];
  if (sent !== computed) return rejected("bad-checksum", `checksum ${sent}, computed ${computed}`);
  const records = recordsOf(body);
  return typeof records === "string" ? rejected("malformed", records) : decodeRecords(records, receivedAt);
};

function recordsOf(body: Buffer): AvlRecord[] | string {
  const reader = new ByteReader(body);
  try {
    const codec = reader.unsigned(1);
    if (codec !== CODEC_8 && codec !== CODEC_8_EXTENDED) return `codec ${codec}: expected 8 or 142`;
    const count = reader.unsigned(1);
    const records = Array.from({ length: count }, () => parseRecord(reader, codec === CODEC_8_EXTENDED));
    const again = reader.unsigned(1);
    return again === count && reader.remaining === 0 ? records : `${count} records at the start, ${again} at the end`;
  } catch (error) {
    if (error instanceof RangeError) return "the packet ends within a record";
    throw error;
  }
}

function decodeRecords(records: readonly AvlRecord[], receivedAt: number): Decoded {
  const decoded = emptyDecoded();
  // An event may add a second record in the same millisecond: `seq` tells them apart.
  const sameInstant = new Map<number, number>();
  records.forEach((record, index) => {
    const { ts } = record;
    const repeat = sameInstant.get(ts) ?? 0;
    sameInstant.set(ts, repeat + 1);
    const identity = repeat === 0 ? { ts } : { ts, seq: repeat };
    addTimedReading(decoded, "gps", { ...identity, ...fixOf(record) }, index, receivedAt);
    reportInputs(decoded, record, index);
    const probe = probeOf(record);
    if (Object.keys(probe).length > 0) addTimedReading(decoded, "env", { ...identity, ...probe }, index, receivedAt);
    const vehicle = vehicleOf(record);
    if (Object.keys(vehicle).length > 0) {
      addTimedReading(decoded, "vehicle", { ...identity, ...vehicle }, index, receivedAt);
    }
  });
  return decoded;
}

const fixOf = ({ lat, lon, altitude, heading, satellites, speedKmh, inputs }: AvlRecord): Record<string, unknown> =>
  omitMissing({
    lat,
    lon,
    satellites,
    ...(satellites > 0 ? { altitude, heading, speed: speedKmh / 3.6 } : {}),
    battery: percentOf(inputs.get(AVL.batteryPercent)),
  });

/** AVL ids of the FMB family. */
const AVL = { batteryPercent: 113, wiredTemperature: 72 } as const;

/** Tenths of a degree in two's complement; undefined outside the probe's range. */
function celsiusOf(raw: number): number | undefined {
  const celsius = (raw >= 2 ** 31 ? raw - 2 ** 32 : raw) / 10;
  return celsius >= -55 && celsius <= 125 && !Object.hasOwn(PROBE_ERRORS, raw) ? celsius : undefined;
}

function probeOf({ inputs }: AvlRecord): Record<string, unknown> {
  const raw = inputs.get(AVL.wiredTemperature);
  return omitMissing({ celsius: raw === undefined ? undefined : celsiusOf(raw) });
}

/** Names what is not read: error codes of sensors, and inputs that no reading has. */
function reportInputs(decoded: Decoded, { inputs }: AvlRecord, index: number): void {
  const unread: string[] = [];
  for (const [id, value] of inputs) {
    const name = nameOfInput(id);
    if (id === AVL.wiredTemperature && celsiusOf(value) === undefined) {
      const problem = `${value}: ${PROBE_ERRORS[value] ?? "outside the probe's range"}`;
      ignoreField(decoded, "env", name, () => problem);
      warn(decoded, `record ${index}: ${name} is ${problem}`);
    } else if (id !== AVL.wiredTemperature && id !== AVL.batteryPercent && !VEHICLE_INPUTS.has(id)) {
      ignoreField(decoded, "gps", name);
      unread.push(name);
    }
  }
  if (unread.length > 0) warn(decoded, `record ${index}: not used: ${unread.slice(0, MAX_NAMED).join(", ")}`);
}

/** A packet has up to 255 records, which all carry the same inputs. */
const MAX_WARNINGS = 20;
const MAX_NAMED = 12;

function warn(decoded: Decoded, warning: string): void {
  if (decoded.warnings.length < MAX_WARNINGS) decoded.warnings.push(warning);
}

const percentOf = (value: number | undefined): number | undefined =>
  value !== undefined && value <= 100 ? value / 100 : undefined;

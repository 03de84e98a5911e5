/**
 * The first bytes of a segment file. They are on disk before the file gets its final name, so a reader that sees the name
 * can rely on them.
 *
 *     magic 8 | version 1 | encryption 1 | 0 2 | segment 4 | first sequence 6 | 0 2 | journal id 36 | CRC32 4
 */
import { crc32 } from "node:zlib";

export const SEGMENT_HEADER_BYTES = 64;

const MAGIC = Buffer.from("WAYSTOCK", "latin1");
const VERSION = 1;
/** the value for no encryption; others are reserved for encrypted frame bodies (AES-256-GCM) */
const UNENCRYPTED = 0;
const ID_AT = 24;
const CRC_AT = 60;

export interface SegmentHeader {
  journalId: string;
  segment: number;
  /** the sequence of the segment's first frame */
  firstSequence: number;
}

export function writeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt8(VERSION, 8);
  bytes.writeUInt8(UNENCRYPTED, 9);
  bytes.writeUInt32LE(header.segment, 12);
  bytes.writeUIntLE(header.firstSequence, 16, 6);
  bytes.write(header.journalId, ID_AT, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

/**
 * @returns undefined: the bytes are corrupt
 * @throws where the header is valid but of an unknown format: skipping the segment would lose what a newer version has
 * acknowledged
 */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || MAGIC.compare(bytes, 0, MAGIC.length) !== 0) return undefined;
  if (crc32(bytes.subarray(0, CRC_AT)) !== bytes.readUInt32LE(CRC_AT)) return undefined;
  const segment = bytes.readUInt32LE(12);
  const [version, encryption] = [bytes.readUInt8(8), bytes.readUInt8(9)];
  if (version !== VERSION || encryption !== UNENCRYPTED) {
    throw new Error(
      `journal segment ${segment} has format ${version}.${encryption}, this program reads ${VERSION}.${UNENCRYPTED}: ` +
        "start the version that wrote it",
    );
  }
  return {
    journalId: bytes.toString("latin1", ID_AT, CRC_AT),
    segment,
    firstSequence: bytes.readUIntLE(16, 6),
  };
}

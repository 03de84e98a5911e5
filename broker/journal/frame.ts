/**
 * One frame on disk: the messages of one flush, or a part of them.
 *
 *     marker 8 | body length 4 | messages 4 | sequence 6 | CRC32 of the body 4 | CRC32 of the 26 bytes before 4 | body
 *
 * The header has its own checksum, so that a flipped bit in the length is not mistaken for a truncated frame. The marker is
 * derived from the journal's id and the segment's number, so that a device cannot forge a frame inside a payload, which a
 * reader might find when it looks for the next frame after a corrupt range.
 *
 * A message in the body: receivedAt (float64) 8 | payload length 4 | client id length 2 | topic length 2 | client id |
 * topic | payload. Integers are little-endian.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { JournalMessage } from "./journal.ts";

export const FRAME_HEADER_BYTES = 30;
export const MARKER_BYTES = 8;
export const MESSAGE_HEADER_BYTES = 16;

const BODY_LENGTH_AT = 8;
const MESSAGES_AT = 12;
const SEQUENCE_AT = 16;
const BODY_CRC_AT = 22;
const HEADER_CRC_AT = 26;

/** A frame header whose checksum is right. */
export interface FrameHeader {
  bodyBytes: number;
  messages: number;
  sequence: number;
  bodyCrc: number;
}

/** The eight bytes at the start of every frame of this segment. Other segments have other markers. */
export function frameMarker(journalId: string, segment: number): Buffer {
  return createHash("sha256").update(`${journalId}:${segment}`).digest().subarray(0, MARKER_BYTES);
}

/** Writes the header of `frame`, whose body is already in place. */
export function writeFrameHeader(frame: Buffer, marker: Buffer, sequence: number, messages: number): void {
  marker.copy(frame, 0);
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, BODY_LENGTH_AT);
  frame.writeUInt32LE(messages, MESSAGES_AT);
  frame.writeUIntLE(sequence, SEQUENCE_AT, 6);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER_BYTES)), BODY_CRC_AT);
  frame.writeUInt32LE(crc32(frame.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
}

/** The header at the start of `bytes`; undefined: there is no valid header. */
export function readFrameHeader(bytes: Buffer, marker: Buffer): FrameHeader | undefined {
  if (marker.compare(bytes, 0, MARKER_BYTES) !== 0) return undefined;
  if (crc32(bytes.subarray(0, HEADER_CRC_AT)) !== bytes.readUInt32LE(HEADER_CRC_AT)) return undefined;
  return {
    bodyBytes: bytes.readUInt32LE(BODY_LENGTH_AT),
    messages: bytes.readUInt32LE(MESSAGES_AT),
    sequence: bytes.readUIntLE(SEQUENCE_AT, 6),
    bodyCrc: bytes.readUInt32LE(BODY_CRC_AT),
  };
}

/**
 * The messages of a frame; undefined: the body does not match its header. Payloads share memory with `body`: copy those
 * that are kept for long.
 */
export function readFrameBody(body: Buffer, header: FrameHeader): JournalMessage[] | undefined {
  if (body.length !== header.bodyBytes || crc32(body) !== header.bodyCrc) return undefined;
  const messages: JournalMessage[] = [];
  let at = 0;
  while (at + MESSAGE_HEADER_BYTES <= body.length) {
    const clientIdAt = at + MESSAGE_HEADER_BYTES;
    const topicAt = clientIdAt + body.readUInt16LE(at + 12);
    const payloadAt = topicAt + body.readUInt16LE(at + 14);
    const end = payloadAt + body.readUInt32LE(at + 8);
    if (end > body.length) return undefined;
    messages.push({
      receivedAt: body.readDoubleLE(at),
      clientId: body.toString("utf8", clientIdAt, topicAt),
      topic: body.toString("utf8", topicAt, payloadAt),
      payload: body.subarray(payloadAt, end),
    });
    at = end;
  }
  return at === body.length && messages.length === header.messages ? messages : undefined;
}

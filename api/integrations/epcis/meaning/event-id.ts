import { createHash } from "node:crypto";

/** Of the names of ids below (RFC 9562 §5.5: a namespace of our own). */
const NAMESPACE = Buffer.from("6f1d3f0a4c6e5b7e9a0d2f5c8b1e4a77", "hex");

/**
 * The id of an event that the platform tells: a UUID of version 5, so that it is the same whenever it is made. `name` says which
 * platform tells what, for which time.
 */
export function eventIdOf(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name, "utf8").digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

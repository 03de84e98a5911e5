import { createHash } from "node:crypto";

/** Of the names of ids below (RFC 9562 §5.5: a namespace of our own). */
const NAMESPACE = Buffer.from("6f1d3f0a4c6e5b7e9a0d2f5c8b1e4a77", "hex");

/** A UUID of version 5: the same for the same name, whenever it is made. */
function eventIdOf(name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(name, "utf8").digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of the n-th event that stands for something, as it was told for the `revision`-th time. @param base names the platform */
export const idOfTelling = (base: string, origin: string, revision: number, index: number): string =>
  eventIdOf(`${base} ${origin} ${revision} ${index}`);

import { createHash } from "node:crypto";
import type { JsonObject } from "../json.ts";
import type { Prefixes } from "../vocabulary/context.ts";
import { preHash } from "./pre-hash.ts";

/** The id that an event has by what it says: `ni:///sha-256;…?ver=CBV2.0` (CBV 2.0 §8.9, RFC 6920). */
export function hashId(event: JsonObject, prefixes: Prefixes): string {
  const digest = createHash("sha256").update(preHash(event, prefixes)).digest("hex");
  return `ni:///sha-256;${digest}?ver=CBV2.0`;
}

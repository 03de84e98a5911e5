import type { Context } from "hono";
import type { Pool } from "pg";
import type { Principal } from "../../auth/principal.ts";
import type { ApiEnv } from "../../deps.ts";
import { bodyChunks } from "../../http/body.ts";
import { type Once, oncePerKey } from "../../http/idempotency/once.ts";
import { idempotencyKeyOf } from "../../http/mutation.ts";
import { type Spool, spoolBody } from "../../tables/spool.ts";
import type { Begun } from "./runner.ts";

/** The media type of a request's body, without parameters and in lower case. */
export const mediaTypeOf = (c: Context<ApiEnv>): string | undefined =>
  c.req.header("Content-Type")?.split(";")[0]!.trim().toLowerCase();

/**
 * Receives the file of a request on disk, and gives it to `begin`. Its hash, taken on the way, tells a repeat by an Idempotency-Key from
 * another file. The file is closed here unless an import has begun to read it.
 */
export async function takeFile(
  { pool, principal, c }: { pool: Pool; principal: Principal; c: Context<ApiEnv> },
  begin: (spool: Spool, once: Once) => Promise<Begun>,
): Promise<Begun> {
  // The sender manages this installation: a file of 256 MiB takes longer than other requests may.
  c.env?.takeUpload?.();
  const spool = await spoolBody(bodyChunks(c), c.req.header("Content-Length"));
  let isBegun = false;
  try {
    // The same bytes may be read as rows of CSV or as lines of JSON.
    const bodyText = `${mediaTypeOf(c) ?? ""} ${spool.sha256.toString("hex")}`;
    const key = await idempotencyKeyOf(c, principal, { bodyText, holdsPassword: false });
    const begun = await begin(spool, oncePerKey(pool, key));
    isBegun = begun.end !== undefined;
    return begun;
  } finally {
    if (!isBegun) await spool.close();
  }
}

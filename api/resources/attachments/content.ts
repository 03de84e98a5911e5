import type { Pool } from "pg";
import { PIECE_BYTES } from "./receive-file.ts";
import { readPiece } from "./queries.ts";

/** The content of an attachment, piece by piece as it is taken: a slow reader holds one piece, and no connection. */
export async function* contentOf(
  pool: Pool,
  { id, size_bytes: sizeBytes }: { id: number; size_bytes: number },
): AsyncGenerator<Uint8Array> {
  for (let place = 0; place * PIECE_BYTES < sizeBytes; place += 1) {
    const piece = await readPiece(pool, id, place);
    // The answer has begun: it ends before its length, and its reader sees that it is not complete.
    if (piece === undefined) throw new Error(`attachment ${id} was removed while it was read`);
    yield piece;
  }
}

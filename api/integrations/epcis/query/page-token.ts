import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { epcisProblem } from "../problem.ts";

/** How long a token of a next page is good, milliseconds. */
const LIFE_MS = 60 * 60_000;
const MAX_TOKEN = 4_096;

export type PageKey = readonly (string | number)[];

/** Where a page begins. */
export interface PagePosition {
  /** of the last row of the page before */
  key: PageKey;
  /** of a query with an `eventCountLimit`: how many events may still come */
  left: number | undefined;
}

/** A token that is read: what it holds, and by what it can be ended. */
interface PageToken extends PagePosition {
  id: string;
  expiresAt: Date;
}

const content = z.tuple([
  z.uuid(),
  z.number().int().min(0).max(8.64e15),
  z.string().length(22),
  z.array(z.union([z.string().max(2_048), z.number()])).max(4),
  z.number().int().min(0).nullable(),
]);

/** What a token belongs to: the same query. Another one would go on somewhere else. */
export const fingerprintOf = (query: unknown): string =>
  createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 22);

/** A token holds all that the next page needs: nothing is kept here for somebody who may never ask. */
export function writePageToken(fingerprint: string, { key, left }: PagePosition): { token: string; expiresAt: Date } {
  const expiresAt = new Date(Date.now() + LIFE_MS);
  const text = JSON.stringify([randomUUID(), expiresAt.getTime(), fingerprint, key, left ?? null]);
  return { token: Buffer.from(text, "utf8").toString("base64url"), expiresAt };
}

/** @returns undefined for what is no token, or has expired */
export function readPageToken(token: string): (PageToken & { fingerprint: string }) | undefined {
  if (token.length > MAX_TOKEN) return undefined;
  const parsed = content.safeParse(parse(Buffer.from(token, "base64url").toString("utf8")));
  if (!parsed.success) return undefined;
  const [id, expiresMs, fingerprint, key, left] = parsed.data;
  const remainingMs = expiresMs - Date.now();
  if (remainingMs <= 0 || remainingMs > LIFE_MS) return undefined;
  return { id, expiresAt: new Date(expiresMs), fingerprint, key, left: left ?? undefined };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws Problem 400 unless the token is of this query, and has not expired */
export function pagePositionOf(token: string, fingerprint: string): PageToken {
  const read = readPageToken(token);
  if (read?.fingerprint === fingerprint) return read;
  const message = "nextPageToken: it is not of this query, or has expired: begin with the first page";
  throw epcisProblem(400, "QueryParameterException", message, [{ pointer: "/nextPageToken", message }]);
}

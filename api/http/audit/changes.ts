import type { PoolClient } from "pg";
import { Problem } from "../problem.ts";

/** Larger changes are told by the names of their fields, characters of JSON. */
const MAX_JSON_LENGTH = 8_192;
/** Fields that say only that there was a change. */
const LEFT_OUT = new Set(["version", "updated_at"]);

/** The resource that a request changes. */
export interface AuditedResource<Params> {
  /** where the row lies that its path names by `id`; it is locked before it is read, so that what is told of before is what was changed */
  table: string;
  /** undefined, or a Problem 404, when there is none */
  read(client: PoolClient, params: Params): Promise<object | undefined>;
}

/** Tables whose rows ingest refers to while it commits: it need not wait for a change of theirs that keeps their id. */
const FOLDED = new Set(["shipments", "inventory_items"]);

/** Locks the row until the transaction ends, against other changes of it. */
export async function lockAudited(client: PoolClient, table: string, id: number | string): Promise<void> {
  const lock = FOLDED.has(table) ? "NO KEY UPDATE" : "UPDATE";
  await client.query(`SELECT FROM ${table} WHERE id = $1 FOR ${lock}`, [id]);
}

/** What a change did to a resource: the fields that differ, as they were and as they are. */
export interface AuditedChange {
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
  /** instead of both, when they are too large */
  changed?: readonly string[];
}

/** @returns undefined for a resource that is not there, e.g. after it was deleted */
export async function readAudited(read: () => Promise<object | undefined>): Promise<object | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  }
}

/** Compares a resource before and after a change; undefined: absent. */
export function changeBetween(before: object | undefined, after: object | undefined): AuditedChange {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (name) => !LEFT_OUT.has(name) && JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
  const pick = (from: Readonly<Record<string, unknown>>) => Object.fromEntries(names.map((name) => [name, from[name]]));
  const change = { ...(before && { before: pick(old) }), ...(after && { after: pick(now) }) };
  return JSON.stringify(change).length > MAX_JSON_LENGTH ? { changed: names } : change;
}

const fieldsOf = (resource: object | undefined): Readonly<Record<string, unknown>> =>
  (resource ?? {}) as Readonly<Record<string, unknown>>;

import { createHash } from "node:crypto";
import type { ImportRow } from "../../tables/row.ts";
import type { ImportKind, RowResult } from "./kinds/kind.ts";

/** A million names take about 50 MB. */
const MAX_REMEMBERED = 4_000_000;

/**
 * What the rows of a dry run would have made by now, for rows further down that name it again. Of each name only a number is kept.
 */
export class DryRunRows {
  /** by name, what the row said that made it */
  readonly #made = new Map<number, number>();

  has(name: string): boolean {
    return this.#made.has(numberOf(name));
  }

  /** What a row would do beside those that earlier rows would have made; undefined where it has to do with none of them. */
  resultOf(kind: ImportKind, { fields }: ImportRow): RowResult | undefined {
    const names = kind.namesOf(fields);
    if (!Array.isArray(names)) return undefined;
    const [key, ...codes] = names;
    const said = this.#made.get(numberOf(key!));
    if (said !== undefined) return { outcome: said === saidBy(fields) ? "unchanged" : "updated" };
    if (kind.refersTo || !codes.some((code) => this.has(code))) return undefined;
    return { problems: [{ column: null, message: "a row further up has one of its codes" }] };
  }

  remember(kind: ImportKind, { fields }: ImportRow, result: RowResult): void {
    if (!("outcome" in result) || result.outcome !== "created" || this.#made.size >= MAX_REMEMBERED) return;
    const names = kind.namesOf(fields);
    const said = saidBy(fields);
    if (Array.isArray(names)) for (const name of names) this.#made.set(numberOf(name), said);
  }
}

const saidBy = (fields: ImportRow["fields"]): number => numberOf(JSON.stringify(fields));

/** 48 bits of a hash: that two of two million names share one is to be expected in less than one run of a hundred. */
const numberOf = (text: string): number => createHash("sha1").update(text).digest().readUIntBE(0, 6);

/**
 * The conditions of a list, of the filters that are given: Postgres then plans for these alone, and uses their indexes.
 * Condition texts go into the SQL as they are: never pass text of a client.
 */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #texts: string[] = [];

  /** Adds a condition in which every `?` stands for `value`; nothing when it is undefined. */
  where(text: string, value: unknown): this {
    if (value !== undefined) this.#texts.push(text.replaceAll("?", this.parameter(value)));
    return this;
  }

  /** Adds a condition without a value, or its opposite; nothing when `flag` is undefined. */
  is(text: string, flag: boolean | undefined): this {
    if (flag !== undefined) this.#texts.push(flag ? `(${text})` : `(${text}) IS NOT TRUE`);
    return this;
  }

  /** Adds a value that the statement names elsewhere. @returns its name, e.g. `$3` */
  parameter(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** `WHERE …`, or nothing without any condition. */
  get sql(): string {
    return this.#texts.length === 0 ? "" : `WHERE ${this.#texts.join(" AND ")}`;
  }
}

/** A LIKE pattern of texts that hold `part`. */
export const containing = (part: string | undefined): string | undefined =>
  part === undefined ? undefined : `%${escaped(part)}%`;

/** A LIKE pattern of texts that begin with `start`. */
export const beginningWith = (start: string | undefined): string | undefined =>
  start === undefined ? undefined : `${escaped(start)}%`;

const escaped = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

import { epcisProblem } from "../problem.ts";
import type { Value } from "./condition.ts";

/** Values that a list of a query may have. */
const MAX_VALUES = 1_000;
const MAX_TEXT = 2_048;

/** The value of one parameter, as a query gave it: in JSON, or as texts of an address. */
export class Given {
  readonly name: string;
  readonly #json: unknown;
  readonly #texts: readonly string[] | undefined;

  private constructor(name: string, json: unknown, texts: readonly string[] | undefined) {
    this.name = name;
    this.#json = json;
    this.#texts = texts;
  }

  static inJson(name: string, value: unknown): Given {
    return new Given(name, value, undefined);
  }

  /** @param texts one for each time that the address has the parameter */
  static inAddress(name: string, texts: readonly string[]): Given {
    return new Given(name, undefined, texts);
  }

  wrong(message: string): Error {
    return epcisProblem(400, "QueryParameterException", message, [{ pointer: `/${this.name}`, message }]);
  }

  /** A list of words or URIs. */
  texts(): string[] {
    const parts = this.#texts?.flatMap((text) => text.split("|")).flatMap(splitUris) ?? this.#list();
    return this.#checked(
      parts.map((part) => {
        if (typeof part !== "string" || part === "" || part.length > MAX_TEXT)
          throw this.wrong(`${this.name}: expected a list of texts of 1 to ${MAX_TEXT} characters`);
        return part;
      }),
    );
  }

  /** One of the texts of a fixed list. */
  choice<T extends string>(choices: readonly T[]): T {
    const [text, ...more] = this.texts();
    const choice = more.length === 0 ? choices.find((each) => each === text) : undefined;
    if (choice === undefined) throw this.wrong(`${this.name}: expected ${choices.join(" or ")}`);
    return choice;
  }

  numbers(): number[] {
    const parts = this.#texts?.flatMap((text) => text.split(/[|,]/)) ?? this.#list();
    return this.#checked(parts.map((part) => this.#number(part)));
  }

  number(): number {
    return this.#one(this.numbers());
  }

  wholeNumber(minimum: number, maximum: number): number {
    const number = this.number();
    if (!Number.isInteger(number) || number < minimum || number > maximum)
      throw this.wrong(`${this.name}: expected a whole number from ${minimum} to ${maximum}`);
    return number;
  }

  boolean(): boolean {
    const value = this.#texts === undefined ? this.#json : this.#one(this.#texts);
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw this.wrong(`${this.name}: expected true or false`);
  }

  moment(): string {
    const value = this.#texts === undefined ? this.#json : this.#one(this.#texts);
    const moment = typeof value === "string" ? momentOf(value) : undefined;
    if (moment === undefined)
      throw this.wrong(`${this.name}: expected a time with an offset, such as 2026-03-01T08:00:00Z`);
    return moment;
  }

  /** Values of a field whose type is not known: each is compared as a text, and as a number where it is one. */
  values(): Value[] {
    const parts = this.#texts?.flatMap((text) => text.split("|")) ?? this.#list();
    return this.#checked(
      parts.flatMap((part): Value[] => {
        if (typeof part === "boolean") return [part];
        if (typeof part !== "string" && typeof part !== "number")
          throw this.wrong(`${this.name}: expected texts, numbers or times`);
        if (String(part).length > MAX_TEXT)
          throw this.wrong(`${this.name}: expected no more than ${MAX_TEXT} characters`);
        return isNumeric(String(part)) ? [String(part), Number(part)] : [part];
      }),
    );
  }

  /** What a field is compared with by its order: a number or a moment. */
  numberOrMoment(): number | string {
    const value = this.#texts === undefined ? this.#json : this.#one(this.#texts);
    if (typeof value === "number" || (typeof value === "string" && isNumeric(value))) return this.#number(value);
    const moment = typeof value === "string" ? momentOf(value) : undefined;
    if (moment === undefined) throw this.wrong(`${this.name}: expected a number, or a time with an offset`);
    return moment;
  }

  /**
   * Of what only exists. GS1's documents have it as null, as a whole number, and as true; the standard has no parameter by which something
   * does not exist, so false is not taken for its opposite.
   */
  flag(): void {
    const value = this.#texts === undefined ? this.#json : this.#one(this.#texts);
    if (value === null || value === true || Number.isInteger(value)) return;
    if (this.#texts !== undefined && typeof value === "string" && /^(?:|true|null|\d+)$/i.test(value)) return;
    throw this.wrong(`${this.name}: expected true, or no value`);
  }

  #list(): readonly unknown[] {
    return Array.isArray(this.#json) ? this.#json : [this.#json];
  }

  #one<T>(list: readonly T[]): T {
    const [one, ...more] = list;
    if (one === undefined || more.length > 0) throw this.wrong(`${this.name}: expected one value`);
    return one;
  }

  #number(value: unknown): number {
    const number = typeof value === "string" && isNumeric(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) throw this.wrong(`${this.name}: expected a number`);
    return number;
  }

  #checked<T>(list: T[]): T[] {
    if (list.length === 0 || list.length > MAX_VALUES)
      throw this.wrong(`${this.name}: expected 1 to ${MAX_VALUES} values`);
    return list;
  }
}

const isNumeric = (text: string): boolean =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text) && Number.isFinite(Number(text));

/** Words or URIs between commas. A comma may be part of a URI; one that divides two is followed by a scheme. */
function splitUris(text: string): string[] {
  if (/^[\w-]+(?:,[\w-]+)+$/.test(text)) return text.split(",");
  return text.split(/,(?=[A-Za-z][A-Za-z0-9+.-]*:)/);
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** ISO 8601 with an offset; undefined for anything else. The `+` of an address that was not escaped comes as a blank. */
export function momentOf(text: string): string | undefined {
  const moment = text.replace(/ (?=\d\d:\d\d$)/, "+");
  const match = MOMENT.exec(moment);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const isDay =
    year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isDay && hour < 24 && minute < 60 && second < 60 ? moment : undefined;
}

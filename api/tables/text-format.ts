import { TextDecoder } from "node:util";
import { parse } from "csv-parse/sync";
import { invalid, Problem } from "../http/problem.ts";
import type { Columns } from "./columns.ts";

/** The bytes of text: UTF-8, or what Windows writes where it does not (windows-1252, which includes Latin-1). */
export type Encoding = "utf-8" | "latin-1" | "utf-16le";
type Delimiter = "comma" | "semicolon" | "tab";
/** How a file is written, as far as that was recognised. */
export interface TextFormat {
  type: "csv" | "json" | "ndjson";
  encoding: Encoding;
  byte_order_mark: boolean;
  /** of CSV */
  delimiter?: Delimiter;
  /** of CSV: the columns that its first line names */
  columns?: string[];
  /** of CSV: a number was written as `1,5` */
  decimal_comma?: boolean;
}

export const DELIMITERS: Readonly<Record<Delimiter, string>> = { comma: ",", semicolon: ";", tab: "\t" };
/** Names of `TextDecoder` (WHATWG Encoding). */
const DECODERS: Readonly<Record<Encoding, string>> = {
  "utf-8": "utf-8",
  "latin-1": "windows-1252",
  "utf-16le": "utf-16le",
};

/** Removes the byte order mark, too. */
export const decoderOf = (encoding: Encoding): TextDecoder => new TextDecoder(DECODERS[encoding]);

/** Looks at the bytes of a file as they pass, and says how they are to be read. */
export class EncodingDetector {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  #isUtf8 = true;
  #start = Buffer.alloc(0);

  look(chunk: Uint8Array): void {
    if (this.#start.length < 3) this.#start = Buffer.concat([this.#start, chunk.subarray(0, 3)]);
    if (this.#isUtf8) this.#decode(chunk, true);
  }

  /** Call it when all bytes have passed. */
  end(): Pick<TextFormat, "encoding" | "byte_order_mark"> {
    if (this.#start[0] === 0xff && this.#start[1] === 0xfe) return { encoding: "utf-16le", byte_order_mark: true };
    if (this.#isUtf8) this.#decode(new Uint8Array(), false);
    const mark = this.#start.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
    return this.#isUtf8
      ? { encoding: "utf-8", byte_order_mark: mark }
      : { encoding: "latin-1", byte_order_mark: false };
  }

  #decode(bytes: Uint8Array, stream: boolean): void {
    try {
      this.#utf8.decode(bytes, { stream });
    } catch {
      // What is not UTF-8 is Latin-1, in which each byte is a character: this is a finding, not a failure.
      this.#isUtf8 = false;
    }
  }
}

/**
 * The delimiter is the one by which the first line names the most columns that are known.
 * @param start the first characters of the file
 * @param pointer to what the columns are of, for a problem
 * @throws Problem 400 for columns that this kind has not
 */
export function recogniseCsv(
  start: string,
  columns: Columns,
  pointer = "",
): Required<Pick<TextFormat, "delimiter" | "columns">> {
  const readings = Object.keys(DELIMITERS).map((name) => {
    const delimiter = name as Delimiter;
    const cells = headerBy(start, DELIMITERS[delimiter]);
    return { delimiter, columns: cells, known: cells.filter((cell) => Object.hasOwn(columns, cell)).length };
  });
  const best = readings.toSorted((a, b) => b.known - a.known || b.columns.length - a.columns.length)[0]!;
  const known = `it has the columns ${Object.keys(columns).join(", ")}`;
  if (best.columns.join("") === "")
    throw new Problem(400, `the first line names the columns, and is missing; ${known}`);
  const errors = best.columns.flatMap((column, at) => {
    if (!Object.hasOwn(columns, column))
      return [{ pointer: `${pointer}/${column}`, message: `unknown column "${column}"` }];
    const isAgain = best.columns.indexOf(column) !== at;
    return isAgain ? [{ pointer: `${pointer}/${column}`, message: `the column ${column} stands here twice` }] : [];
  });
  if (errors.length > 0) throw new Problem(400, `line 1: ${errors[0]!.message}; ${known}`, { errors });
  return { delimiter: best.delimiter, columns: best.columns };
}

function headerBy(start: string, delimiter: string): string[] {
  const options = { delimiter, to: 1, relax_column_count: true, skip_empty_lines: true, relax_quotes: true };
  try {
    const [cells = []] = parse(start, options);
    return cells.map((cell) => cell.trim().toLowerCase());
  } catch (error) {
    throw invalid("", `line 1: invalid CSV: ${(error as Error).message}`);
  }
}

/** How the text of a cell is read; a `word` without spaces around it. An empty cell leaves its field out, `\N` is null. */
export type CellType = "text" | "word" | "integer" | "number" | "json" | CellFormat;

/** A cell that holds more than one value. */
export interface CellFormat {
  /** @throws CellProblem */
  read(text: string): unknown;
  write(value: unknown): string;
}

export type Columns = Readonly<Record<string, CellType>>;

/** What is wrong with a cell. */
export class CellProblem extends Error {}

/**
 * The value of a cell. Numbers may be written with a decimal comma where commas do not part the cells.
 * @throws CellProblem
 */
export function readCell(type: CellType, text: string, allowsComma: boolean): unknown {
  if (type === "text") return text;
  if (type === "word") return text.trim();
  if (type === "integer" || type === "number") return numberOf(text.trim(), allowsComma);
  if (type === "json") return jsonOf(text);
  return type.read(text);
}

/** A decimal comma, and nothing that could part thousands. */
const WITH_COMMA = /^[+-]?\d+,\d+$/;
export const hasDecimalComma = (text: string): boolean => WITH_COMMA.test(text.trim());

function numberOf(text: string, allowsComma: boolean): number {
  const plain = allowsComma && WITH_COMMA.test(text) ? text.replace(",", ".") : text;
  if (/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(plain)) return Number(plain);
  const hint = /^[+-]?\d[\d.,' ]*$/.test(text) ? ": write it with a decimal point and without separators" : "";
  throw new CellProblem(`"${text.slice(0, 40)}" is no number${hint}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CellProblem(`this is not JSON: ${(error as Error).message}`);
  }
}

/** What a cell says of a value; "" for none. */
export function writeCell(type: CellType, value: unknown): unknown {
  if (value === null || value === undefined) return "";
  return typeof type === "object" ? type.write(value) : value;
}

/** A list of words, parted by semicolons. */
export const wordList: CellFormat = {
  read: (text) => partsOf(text),
  write: (value) => (value as readonly string[]).join("; "),
};

/** A JSON object; an empty one is an empty cell. */
export const jsonObject: CellFormat = {
  read: jsonOf,
  write: (value) => (Object.keys(value as object).length === 0 ? "" : JSON.stringify(value)),
};

/** The parts of a cell that semicolons part. */
export const partsOf = (text: string): string[] =>
  text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");

import { readFile } from "node:fs/promises";
import { parse as parseCsv } from "csv-parse/sync";
import { XMLParser } from "fast-xml-parser";
import { parseFix, type Fix } from "./fix.ts";

/**
 * Reads a recorded track: GPX 1.0/1.1, CSV with a header line, a JSON array or JSON lines.
 * @throws Error that names the file and the invalid row
 */
export async function readTrack(file: string): Promise<Fix[]> {
  const text = (await readFile(file, "utf8")).replace(/^\uFEFF/, "").trim();
  const rows = rowsOf(text, file);
  if (rows.length === 0) throw new Error(`${file} holds no positions`);
  return rows.map((row, index) => {
    const fix = parseFix(row);
    if (typeof fix === "string") throw new Error(`${file}, position ${index + 1}: ${fix}`);
    return fix;
  });
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(text: string, file: string): Row[] {
  if (text.startsWith("<")) return gpxRows(text);
  try {
    if (text.startsWith("[")) return JSON.parse(text) as Row[];
    if (text.startsWith("{"))
      return text
        .split(/\r?\n/)
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = [";", "\t", ","].find((mark) => firstLine.includes(mark)) ?? ",";
  return parseCsv(text, { columns: true, delimiter, trim: true, skip_empty_lines: true }) as Row[];
}

/** Track points (`trkpt`) and route points (`rtept`) of all segments, in document order. */
function gpxRows(text: string): Row[] {
  const always = new Set(["trkpt", "rtept"]);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    removeNSPrefix: true,
    isArray: (name) => always.has(name),
  });
  const found: Row[] = [];
  collect(parser.parse(text, true), always, found);
  return found;
}

function collect(node: unknown, names: ReadonlySet<string>, found: Row[]): void {
  if (typeof node !== "object" || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (names.has(name)) found.push(...(value as Row[]));
    else if (Array.isArray(value)) for (const part of value) collect(part, names, found);
    else collect(value, names, found);
  }
}

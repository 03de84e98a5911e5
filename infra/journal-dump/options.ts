import { join } from "node:path";
import { parseArgs } from "node:util";

export const USAGE = "usage: npm run journal -- dump [--data DIR | --dir DIR] [--from SEQUENCE] [--json]";

export interface DumpOptions {
  /** the journal's directory; undefined: the one of the configuration */
  directory: string | undefined;
  /** the sequence number of the first frame to print */
  from: number;
  json: boolean;
}

/** @throws TypeError when the arguments are not those of USAGE */
export function readDumpOptions(args: string[]): DumpOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: "string" },
      dir: { type: "string" },
      from: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
    },
  });
  const { data, dir, from, json } = values;
  if (positionals.join(" ") !== "dump") throw new TypeError("name the command: dump");
  if (data !== undefined && dir !== undefined) throw new TypeError("give --data or --dir, not both");
  if (!/^\d{1,15}$/.test(from)) throw new TypeError("--from takes the sequence number of a frame");
  return { directory: data === undefined ? dir : join(data, "journal"), from: Number(from), json };
}

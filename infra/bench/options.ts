import { parseArgs } from "node:util";

const BENCHES = ["ingest", "api", "stream"] as const;

export const USAGE = `usage: npm run bench -- ${BENCHES.join("|")} [options]

Measures the running code on this machine, beside references in the same run.

  --quick       shorter runs, one round
  --json        the rows as JSON instead of a table

of ingest:
  --scales      the rows of scales alone
  --rate N|max  one run instead of the whole table: messages a second, or as many as are acknowledged
  --seconds N   how long that run lasts (10)
  --readings N  readings in each of its messages (1)
  --trucks      one connection for each truck; without it 50 gateways send for all
  --influx      series in InfluxDB
`;

export interface BenchOptions {
  bench: (typeof BENCHES)[number];
  json: boolean;
  /** about a minute: shorter runs, one round */
  quick: boolean;
  /** of `ingest`: the rows of scales alone */
  scales: boolean;
  only: OnlyOption | undefined;
}

/** One run instead of the whole table: `--rate N|max --readings N --seconds N --influx --trucks`. */
export interface OnlyOption {
  /** messages a second; undefined: saturation */
  rate: number | undefined;
  readings: number;
  seconds: number;
  influx: boolean;
  by: "gateways" | "trucks";
}

/**
 * @returns undefined when help is asked for
 * @throws TypeError on an unknown option or benchmark, or a number that is none
 */
export function readBenchOptions(given: string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      scales: { type: "boolean", default: false },
      rate: { type: "string" },
      readings: { type: "string", default: "1" },
      seconds: { type: "string", default: "10" },
      influx: { type: "boolean", default: false },
      trucks: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const bench = BENCHES.find((name) => name === positionals.join(" "));
  if (bench === undefined) throw new TypeError(`name what to measure: npm run bench -- ${BENCHES.join("|")}`);
  const readings = wholeNumber("--readings", values.readings);
  const seconds = wholeNumber("--seconds", values.seconds);
  const only: OnlyOption | undefined =
    values.rate === undefined
      ? undefined
      : {
          rate: values.rate === "max" ? undefined : wholeNumber("--rate", values.rate),
          readings,
          seconds,
          influx: values.influx,
          by: values.trucks ? "trucks" : "gateways",
        };
  return { bench, json: values.json, quick: values.quick, scales: values.scales, only };
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`${option} takes a whole number above 0, and not ${text}`);
  return Number(text);
}

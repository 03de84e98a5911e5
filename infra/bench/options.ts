import { parseArgs } from "node:util";

const BENCHES = ["ingest", "api", "stream"] as const;

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

/** @throws TypeError on an unknown option or benchmark */
export function readBenchOptions(given: string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
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
  const bench = BENCHES.find((name) => name === positionals.join(" "));
  if (bench === undefined) throw new TypeError(`name what to measure: npm run bench -- ${BENCHES.join("|")}`);
  const only: OnlyOption | undefined =
    values.rate === undefined
      ? undefined
      : {
          rate: values.rate === "max" ? undefined : Number(values.rate),
          readings: Number(values.readings),
          seconds: Number(values.seconds),
          influx: values.influx,
          by: values.trucks ? "trucks" : "gateways",
        };
  return { bench, json: values.json, quick: values.quick, scales: values.scales, only };
}

import { parseArgs } from "node:util";
import { DEFAULT_FAULTS, type Faults, SCORE_FAULTS } from "../devices/faults.ts";
import { HANDLING_KINDS, type HandlingKind } from "../world/handling.ts";
import {
  parseAmount,
  parsePositiveCount,
  parseCount,
  parseDurationMs,
  parseSpeed,
  parseQos,
  parseFraction,
  parseStartTime,
  parseSubset,
} from "./option-values.ts";
import { type Flag, FLAGS, type FlagName } from "./flags.ts";

export interface Options {
  help: boolean;
  json: boolean;
  trucks: number;
  gates: number;
  shelves: number;
  probes: number;
  /** boxes of cold goods with a logger of their own */
  coldBoxes: number;
  /** share of shelves that run out */
  stockOuts: number;
  /** whether people scan what they take from shelves and put on them */
  shelfScans: boolean;
  /** whether the trucks' own electronics tell of fuel, odometer and driver */
  vehicleData: boolean;
  /** whether a shortage, its order, its delivery and a theft are played */
  stockPlay: boolean;
  /** whether trips are planned */
  trips: boolean;
  /** the ways in which goods are handled */
  handling: readonly HandlingKind[];
  /** messages per second of all devices together, sent whether or not acknowledged; undefined: each device at its interval */
  rate: number | undefined;
  /** wall-clock milliseconds; Infinity: until stopped */
  durationMs: number;
  /** end of simulated time, epoch milliseconds; Infinity: never */
  untilMs: number;
  seed: number;
  qos: 0 | 1 | 2;
  /** readings in one message; undefined: the sender's default */
  batch: number | undefined;
  /** whether to compare the API's answers with the ground truth */
  score: boolean;
  /** simulated seconds per second */
  speed: number;
  startMs: number;
  url: string;
  api: string | undefined;
  token: string | undefined;
  tokenFile: string | undefined;
  replay: string | undefined;
  device: string | undefined;
  secret: string | undefined;
  credentials: string | undefined;
  maxP99Ms: number | undefined;
  faults: Faults;
}

/** Defaults for options that are not on the command line. */
const DEFAULTS = {
  trucks: 10,
  gates: 2,
  shelves: 10,
  probes: 4,
  coldBoxes: 0,
  speed: 1,
  agoMs: 0,
  faults: DEFAULT_FAULTS,
};
const SCORE_DEFAULTS = {
  trucks: 200,
  gates: 40,
  shelves: 300,
  probes: 10,
  coldBoxes: 4,
  speed: 60,
  agoMs: 3_600_000,
  faults: SCORE_FAULTS,
};

/** @throws TypeError with a sentence for the person at the terminal */
export function parseOptions(argv: readonly string[], now: number): Options {
  const options = Object.fromEntries(
    Object.keys(FLAGS).map((name) => [name, { type: argumentOf(name) === undefined ? "boolean" : "string" } as const]),
  );
  const { tokens, values } = parseArgs({
    args: withImplicitValues(argv),
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") throw new TypeError(`unexpected "${token.value}"; every option begins with --`);
    if (token.kind === "option" && !(token.name in FLAGS)) throw new TypeError(unknownFlag(token.rawName));
    if (token.kind === "option" && argumentOf(token.name) !== undefined && token.value === undefined) {
      throw new TypeError(`--${token.name} needs ${argumentOf(token.name)}`);
    }
  }
  const read = <T>(name: FlagName, reader: (text: string) => T): T | undefined => {
    const text = values[name];
    if (typeof text !== "string") return undefined;
    try {
      return reader(text);
    } catch (error) {
      throw new TypeError(`--${name}: ${(error as Error).message}`, { cause: error });
    }
  };
  const text = (name: FlagName) => read(name, (value) => value);
  const score = values["score"] === true;
  if (score && text("url") !== undefined && text("api") === undefined) {
    throw new TypeError("--score needs --api URL beside --url: it scores the answers of that API");
  }
  const defaults = score ? SCORE_DEFAULTS : DEFAULTS;
  const faults = defaults.faults;
  const startMs = read("start", (value) => parseStartTime(value, now)) ?? now - defaults.agoMs;
  const durationMs = read("duration", parseDurationMs) ?? Infinity;
  return {
    help: values["help"] === true,
    json: values["json"] === true,
    trucks: read("trucks", parseCount) ?? defaults.trucks,
    gates: read("gates", parseCount) ?? defaults.gates,
    shelves: read("shelves", parseCount) ?? defaults.shelves,
    probes: read("probes", parseCount) ?? defaults.probes,
    coldBoxes: read("cold-boxes", parseCount) ?? defaults.coldBoxes,
    stockOuts: read("stock-outs", parseFraction) ?? 0,
    shelfScans: values["shelf-scans"] === true,
    vehicleData: values["vehicle-data"] === true,
    stockPlay: values["stock-play"] === true,
    trips: score || values["trips"] === true,
    handling: read("handling", (names) => parseSubset(names, HANDLING_KINDS)) ?? HANDLING_KINDS,
    rate: read("rate", parseAmount),
    // With --score the duration is simulated time: a slow machine takes longer for it.
    durationMs: score ? Infinity : durationMs,
    untilMs: score ? Math.min(now, startMs + durationMs) : Infinity,
    seed: read("seed", parseCount) ?? 1,
    qos: read("qos", parseQos) ?? 1,
    batch: read("batch", parsePositiveCount),
    score,
    speed: read("speed", parseSpeed) ?? defaults.speed,
    startMs,
    url: text("url") ?? "mqtt://127.0.0.1:1883",
    api: text("api"),
    token: text("token"),
    tokenFile: text("token-file"),
    replay: text("replay"),
    device: text("device"),
    secret: text("secret"),
    credentials: text("credentials"),
    maxP99Ms: read("max-p99", parseAmount),
    faults: {
      late: read("late", parseFraction) ?? faults.late,
      dup: read("dup", parseFraction) ?? faults.dup,
      reorder: read("reorder", parseFraction) ?? faults.reorder,
      drop: read("drop", parseFraction) ?? faults.drop,
      strayTags: read("stray-tags", parseFraction) ?? faults.strayTags,
      readRate: read("read-rate", parseFraction) ?? faults.readRate,
      gpsNoiseM: read("gps-noise", parseAmount) ?? faults.gpsNoiseM,
      scaleNoiseUnits: read("scale-noise", parseAmount) ?? faults.scaleNoiseUnits,
      driftUnitsPerDay: read("drift", parseAmount) ?? faults.driftUnitsPerDay,
      clockSkewMs: read("clock-skew", parseDurationMs) ?? faults.clockSkewMs,
      noFix: read("no-fix", parseFraction) ?? faults.noFix,
    },
  };
}

/** `--reorder` without a value → `--reorder=2%` */
function withImplicitValues(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const next = argv[index + 1];
    const implicitValue = word.startsWith("--")
      ? (FLAGS as Record<string, Flag>)[word.slice(2)]?.implicitValue
      : undefined;
    return implicitValue !== undefined && (next === undefined || next.startsWith("--"))
      ? `${word}=${implicitValue}`
      : word;
  });
}

function unknownFlag(given: string): string {
  const name = given.replace(/^-+/, "");
  const nearest = Object.keys(FLAGS)
    .map((flag) => ({ flag, edits: editDistance(name, flag) }))
    .sort((a, b) => a.edits - b.edits)[0];
  const hint = nearest && nearest.edits <= 3 ? `did you mean --${nearest.flag}?` : "--help lists the options";
  return `unknown option ${given}; ${hint}`;
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function argumentOf(name: string): string | undefined {
  return (FLAGS as Record<string, Flag>)[name]?.argument;
}

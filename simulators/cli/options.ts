import { parseArgs } from "node:util";
import { DEFAULT_FAULTS, type Faults, SCORE_FAULTS } from "../devices/faults.ts";
import { amount, atLeastOne, count, duration, pace, quality, share, startTime } from "./option-values.ts";
import { type Flag, FLAGS, type FlagName } from "./flags.ts";

export interface Options {
  help: boolean;
  json: boolean;
  trucks: number;
  gates: number;
  shelves: number;
  probes: number;
  /** messages per second of all devices together, sent whether or not they are acknowledged; undefined: each at its interval */
  rate: number | undefined;
  /** milliseconds on the wall; Infinity: until stopped */
  durationMs: number;
  /** when the world ends, epoch milliseconds; Infinity: never */
  untilMs: number;
  seed: number;
  qos: 0 | 1 | 2;
  /** readings in one message; undefined: as the sender sees fit */
  batch: number | undefined;
  /** whether to compare the API's answers with the world's truth */
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

/** What is not given on the command line. */
const USUAL = { trucks: 10, gates: 2, shelves: 10, probes: 4, speed: 1, agoMs: 0, faults: DEFAULT_FAULTS };
const SCORED = { trucks: 200, gates: 40, shelves: 300, probes: 10, speed: 60, agoMs: 3_600_000, faults: SCORE_FAULTS };

/** @throws TypeError with a sentence for the person at the terminal */
export function readOptions(argv: readonly string[], now: number): Options {
  const options = Object.fromEntries(
    Object.keys(FLAGS).map((name) => [name, { type: takes(name) === undefined ? "boolean" : "string" } as const]),
  );
  const { tokens, values } = parseArgs({
    args: spelledOut(argv),
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") throw new TypeError(`unexpected "${token.value}"; every option begins with --`);
    if (token.kind === "option" && !(token.name in FLAGS)) throw new TypeError(unknownFlag(token.rawName));
    if (token.kind === "option" && takes(token.name) !== undefined && token.value === undefined) {
      throw new TypeError(`--${token.name} needs ${takes(token.name)}`);
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
    throw new TypeError("--score needs --api URL beside --url: what is said there is scored");
  }
  const usual = score ? SCORED : USUAL;
  const faults = usual.faults;
  const startMs = read("start", (value) => startTime(value, now)) ?? now - usual.agoMs;
  const durationMs = read("duration", duration) ?? Infinity;
  return {
    help: values["help"] === true,
    json: values["json"] === true,
    trucks: read("trucks", count) ?? usual.trucks,
    gates: read("gates", count) ?? usual.gates,
    shelves: read("shelves", count) ?? usual.shelves,
    probes: read("probes", count) ?? usual.probes,
    rate: read("rate", amount),
    // A score is of a stretch of the world's time, however long a machine takes to play it.
    durationMs: score ? Infinity : durationMs,
    untilMs: score ? Math.min(now, startMs + durationMs) : Infinity,
    seed: read("seed", count) ?? 1,
    qos: read("qos", quality) ?? 1,
    batch: read("batch", atLeastOne),
    score,
    speed: read("speed", pace) ?? usual.speed,
    startMs,
    url: text("url") ?? "mqtt://127.0.0.1:1883",
    api: text("api"),
    token: text("token"),
    tokenFile: text("token-file"),
    replay: text("replay"),
    device: text("device"),
    secret: text("secret"),
    credentials: text("credentials"),
    maxP99Ms: read("max-p99", amount),
    faults: {
      late: read("late", share) ?? faults.late,
      dup: read("dup", share) ?? faults.dup,
      reorder: read("reorder", share) ?? faults.reorder,
      drop: read("drop", share) ?? faults.drop,
      strayTags: read("stray-tags", share) ?? faults.strayTags,
      readRate: read("read-rate", share) ?? faults.readRate,
      gpsNoiseM: read("gps-noise", amount) ?? faults.gpsNoiseM,
      scaleNoiseUnits: read("scale-noise", amount) ?? faults.scaleNoiseUnits,
      driftUnitsPerDay: read("drift", amount) ?? faults.driftUnitsPerDay,
      clockSkewMs: read("clock-skew", duration) ?? faults.clockSkewMs,
      noFix: read("no-fix", share) ?? faults.noFix,
    },
  };
}

/** `--reorder` with no value behind it → `--reorder=2%` */
function spelledOut(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const next = argv[index + 1];
    const alone = word.startsWith("--") ? (FLAGS as Record<string, Flag>)[word.slice(2)]?.alone : undefined;
    return alone !== undefined && (next === undefined || next.startsWith("--")) ? `${word}=${alone}` : word;
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

function takes(name: string): string | undefined {
  return (FLAGS as Record<string, Flag>)[name]?.takes;
}

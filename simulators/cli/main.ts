import pino from "pino";
import { type ApiClientOptions, createApiClient } from "../platform/api-client.ts";
import { helpText } from "./flags.ts";
import { parseOptions, type Options } from "./options.ts";
import { createPublisher } from "../run/publisher.ts";
import { liveLine, summarise, table, type Summary } from "./report.ts";
import { shortfalls } from "../score/score.ts";
import { prepareReplay } from "../run/run-replay.ts";
import { prepareWorld } from "../run/run-world.ts";
import { type Account, tokenSource } from "../platform/sign-in.ts";

const DRAIN_TIMEOUT_MS = 10_000;
const STORE_TIMEOUT_MS = 30_000;
/** A world that runs faster than the clock may be ahead of the platform for so long. */
const SCORE_STORE_TIMEOUT_MS = 300_000;
/** In flight per device: a modem's handful, or, when the load must not wait, most of what MQTT can number. */
const MAX_IN_FLIGHT = 20;
const MAX_IN_FLIGHT_OPEN_LOOP = 10_000;

/** A platform that runs for one score only. */
export interface TemporaryPlatform {
  /** of the broker and of the API */
  url: string;
  api: string;
  account: Account;
  /** Stops it; nothing of it is left. */
  close(): Promise<void>;
}

/** What the machine offers a simulator beside its command line. */
export interface SimulatorHost {
  /** who administers the platform here, if the environment names anybody */
  account: () => Account | undefined;
  startPlatform: (log: pino.Logger) => Promise<TemporaryPlatform>;
}

/**
 * `npm run simulate`: reads the command line, runs until done or interrupted, prints what came of it and sets the exit code.
 */
export async function runSimulator(argv: readonly string[], home: SimulatorHost): Promise<void> {
  const log = pino({ name: "simulate", level: "info" }, pino.destination(2));
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    const options = parseOptions(argv, Date.now());
    if (options.help) {
      process.stdout.write(helpText());
      return;
    }
    const summary = await runOnPlatform(options, home, { log, signal: stop.signal });
    process.stdout.write(`${options.json ? JSON.stringify(summary) : table(summary)}\n`);
    if (failed(summary, options)) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`simulate: ${(error as Error).message}\n`);
    process.exitCode = error instanceof TypeError ? 2 : 1;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

interface RunContext {
  log: pino.Logger;
  signal: AbortSignal;
}

/** Against the platform that is named; a score for which none is named has one to itself. */
async function runOnPlatform(options: Options, home: SimulatorHost, { log, signal }: RunContext): Promise<Summary> {
  if (!options.score || options.api !== undefined) {
    return run(options, { log, signal, token: tokenSource(options, home.account) });
  }
  log.info("no --api is given: a platform is started for this score, and removed after it");
  const platform = await home.startPlatform(log);
  try {
    const { url, api } = platform;
    const there = { ...options, url, api };
    return await run(there, { log, signal, token: tokenSource(there, () => platform.account) });
  } finally {
    await platform.close();
  }
}

async function run(
  options: Options,
  { log, signal, token }: RunContext & { token: () => Promise<string> },
): Promise<Summary> {
  const apiWith = (patience: Partial<ApiClientOptions>) =>
    options.api === undefined ? undefined : createApiClient({ url: options.api, token, ...patience });
  const api = apiWith({});
  const onRetry = (reason: string) => log.warn({ reason }, "asked again");
  const retryingApi = apiWith({ maxAttempts: Infinity, signal, onRetry });
  const maxInFlight = options.rate === undefined ? MAX_IN_FLIGHT : MAX_IN_FLIGHT_OPEN_LOOP;
  const publisher = createPublisher({ url: options.url, qos: options.qos, maxInFlight, log });
  const beganAt = performance.now();
  const live = setInterval(() => {
    if (!options.json) process.stdout.write(`${liveLine(summarise(publisher, beganAt, null))}\n`);
  }, 1000);
  try {
    const prepare = options.replay === undefined ? prepareWorld : prepareReplay;
    const { play, deviceIds, lossCheck, refused, faultStats, evaluate } = await prepare(options, {
      api,
      retryingApi,
      token,
      publisher,
      log,
      signal,
    });
    await play();
    if (!(await publisher.drain(DRAIN_TIMEOUT_MS))) log.warn("not everything was acknowledged in time");
    const acknowledged = new Map(deviceIds.map((id) => [id, publisher.acknowledgedBy(id)]));
    const storedWithinMs = options.score ? SCORE_STORE_TIMEOUT_MS : STORE_TIMEOUT_MS;
    const lost = lossCheck && options.qos > 0 ? await lossCheck.countLost(acknowledged, storedWithinMs) : null;
    // A world that was stopped in the middle of a step still holds back what is late: its end proves nothing.
    const score = signal.aborted ? undefined : await evaluate?.();
    const counted = { refused: refused(), ...(faultStats && { befallen: faultStats }), ...(score && { score }) };
    return { ...summarise(publisher, beganAt, lost), ...counted };
  } finally {
    clearInterval(live);
    await publisher.close();
  }
}

function failed({ lost, p99Ms, refused, score }: Summary, { maxP99Ms }: Options): boolean {
  // What could not be booked is missing from the score: it proves nothing.
  if (score && (refused > 0 || shortfalls(score).length > 0)) return true;
  return (lost ?? 0) > 0 || (maxP99Ms !== undefined && (p99Ms ?? Infinity) > maxP99Ms);
}

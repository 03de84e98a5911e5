import { setMaxListeners } from "node:events";
import pino from "pino";
import { type ApiClientOptions, createApiClient, reasonOf } from "../platform/api-client.ts";
import { helpText } from "./flags.ts";
import { parseOptions, type Options } from "./options.ts";
import { createPublisher } from "../run/publisher.ts";
import { createActivity } from "./activity.ts";
import { liveLine, summarise, table, type Summary } from "./report.ts";
import { shortfalls } from "../score/score.ts";
import { Interrupted, interruptible } from "../run/interruptible.ts";
import { prepareReplay } from "../run/run-replay.ts";
import { prepareWorld } from "../run/run-world.ts";
import { type Account, tokenSource } from "../platform/sign-in.ts";

const DRAIN_TIMEOUT_MS = 10_000;
const STORE_TIMEOUT_MS = 30_000;
/** After Ctrl-C: for what is under way, for acknowledgements, and for the count of what is stored. */
const INTERRUPTED_MS = { play: 300, drain: 500, store: 700 };
const INTERRUPTED_EXIT_CODE = 130;
/** A world that runs faster than real time may be this far ahead of the platform. */
const SCORE_STORE_TIMEOUT_MS = 300_000;
/** Messages in flight per device. An open loop must not wait, so it uses a large share of MQTT's 65,535 packet ids. */
const MAX_IN_FLIGHT = 20;
const MAX_IN_FLIGHT_OPEN_LOOP = 10_000;

/** A platform that runs only for one score. */
export interface TemporaryPlatform {
  /** of the broker and of the API */
  url: string;
  api: string;
  account: Account;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

/** What the host process gives the simulator beside the command line. */
export interface SimulatorHost {
  /** the administrator named in the environment, if any */
  account: () => Account | undefined;
  startPlatform: (log: pino.Logger) => Promise<TemporaryPlatform>;
}

/**
 * `npm run simulate`: parses the command line, runs until done or interrupted, prints the summary and sets the exit code:
 * 1 for a failed run, 2 for a wrong command line.
 */
export async function runSimulator(argv: readonly string[], home: SimulatorHost): Promise<void> {
  const log = pino({ name: "simulate", level: "info" }, pino.destination(2));
  const stop = new AbortController();
  // Every request that waits to be sent again listens, and there may be dozens.
  setMaxListeners(0, stop.signal);
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
    process.stderr.write(`simulate: ${reasonOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

interface RunContext {
  log: pino.Logger;
  signal: AbortSignal;
}

/** Runs against the platform of `--api`. A score without `--api` starts a temporary platform. */
async function runOnPlatform(options: Options, home: SimulatorHost, { log, signal }: RunContext): Promise<Summary> {
  if (!options.score || options.api !== undefined) {
    return run(options, { log, signal, token: tokenSource(options, home.account) });
  }
  log.info("no --api: starting a temporary platform for this score");
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
  const beganAt = performance.now();
  const activity = createActivity((text) => (options.json ? log.info(text) : process.stdout.write(`${text}\n`)));
  const onRetry = (reason: string) => activity.waitFor(`the API at ${options.api}: ${reason}`);
  const api = apiWith({ signal, onRetry });
  const retryingApi = apiWith({ maxAttempts: Infinity, signal, onRetry });
  const maxInFlight = options.rate === undefined ? MAX_IN_FLIGHT : MAX_IN_FLIGHT_OPEN_LOOP;
  const publisher = createPublisher({ url: options.url, qos: options.qos, maxInFlight, log });
  activity.start(`connecting to ${options.url}${options.api === undefined ? "" : ` and ${options.api}`}`);
  const live = setInterval(() => {
    if (!options.json) process.stdout.write(`${activity.line() ?? liveLine(summarise(publisher, beganAt, null))}\n`);
  }, 1000);
  try {
    const prepare = options.replay === undefined ? prepareWorld : prepareReplay;
    const deps = { api, retryingApi, token, publisher, log, signal };
    const prepared = await interruptible(prepare(options, deps), signal);
    const { play, deviceIds, lossCheck, refused, faultStats, evaluate } = prepared;
    activity.done();
    await interruptible(play(), signal, INTERRUPTED_MS.play).catch(unlessInterrupted);
    activity.start("waiting for acknowledgements");
    const isDrained = await publisher.drain(signal.aborted ? INTERRUPTED_MS.drain : DRAIN_TIMEOUT_MS);
    if (!isDrained && !signal.aborted) log.warn("timed out waiting for acknowledgements");
    const acknowledged = new Map(deviceIds.map((id) => [id, publisher.acknowledgedBy(id)]));
    // The world has ended: readers that stayed connected would say by their silence that all goods are gone.
    await publisher.close();
    const storedWithinMs = options.score ? SCORE_STORE_TIMEOUT_MS : STORE_TIMEOUT_MS;
    activity.start("waiting until everything acknowledged is stored");
    const counting = lossCheck && options.qos > 0 ? lossCheck.countLost(acknowledged, storedWithinMs) : null;
    // Interrupted, it has no time to wait for what is still on its way: nobody knows whether that is lost.
    const lost = counting && (await interruptible(counting, signal, INTERRUPTED_MS.store).catch(unlessInterrupted));
    // An interrupted run has not sent its delayed readings: scoring its end would prove nothing.
    if (evaluate) activity.start("waiting until late readings are derived, then comparing with the truth");
    const score = signal.aborted ? undefined : await evaluate?.();
    const counted = { refused: refused(), ...(faultStats && { befallen: faultStats }), ...(score && { score }) };
    return { ...summarise(publisher, beganAt, lost ?? null), ...counted };
  } finally {
    clearInterval(live);
    await publisher.close();
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return INTERRUPTED_EXIT_CODE;
  // A `fetch` that failed is a TypeError too, and has a cause.
  return error instanceof TypeError && error.cause === undefined ? 2 : 1;
}

/** An interrupted run goes on to its summary. */
function unlessInterrupted(error: unknown): undefined {
  if (!(error instanceof Interrupted)) throw error;
}

function failed({ lost, p99Ms, refused, score }: Summary, { maxP99Ms }: Options): boolean {
  // Refused bookings are missing from the score, so the score proves nothing.
  if (score && (refused > 0 || shortfalls(score).length > 0)) return true;
  return (lost ?? 0) > 0 || (maxP99Ms !== undefined && (p99Ms ?? Infinity) > maxP99Ms);
}

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
  const api = apiWith({});
  const onRetry = (reason: string) => log.warn({ reason }, "API request failed, retrying");
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
    if (!(await publisher.drain(DRAIN_TIMEOUT_MS))) log.warn("timed out waiting for acknowledgements");
    const acknowledged = new Map(deviceIds.map((id) => [id, publisher.acknowledgedBy(id)]));
    const storedWithinMs = options.score ? SCORE_STORE_TIMEOUT_MS : STORE_TIMEOUT_MS;
    const lost = lossCheck && options.qos > 0 ? await lossCheck.countLost(acknowledged, storedWithinMs) : null;
    // An interrupted run has not sent its delayed readings: scoring its end would prove nothing.
    const score = signal.aborted ? undefined : await evaluate?.();
    const counted = { refused: refused(), ...(faultStats && { befallen: faultStats }), ...(score && { score }) };
    return { ...summarise(publisher, beganAt, lost), ...counted };
  } finally {
    clearInterval(live);
    await publisher.close();
  }
}

function failed({ lost, p99Ms, refused, score }: Summary, { maxP99Ms }: Options): boolean {
  // Refused bookings are missing from the score, so the score proves nothing.
  if (score && (refused > 0 || shortfalls(score).length > 0)) return true;
  return (lost ?? 0) > 0 || (maxP99Ms !== undefined && (p99Ms ?? Infinity) > maxP99Ms);
}

import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { createClerk } from "./operator.ts";
import { type Befallen, nothingBefallen } from "../devices/fault-stats.ts";
import { installInstruments } from "../devices/instruments.ts";
import { createOutbox } from "../devices/delivery-queue.ts";
import { type Ledger, openLedger } from "./loss-check.ts";
import type { Options } from "../cli/options.ts";
import { closeOldPapers } from "./close-stale-shipments.ts";
import { earlierWorlds, markOf, settle } from "../platform/seed.ts";
import type { Publisher } from "./publisher.ts";
import { simulate } from "./simulation.ts";
import { PRODUCTS } from "../world/products.ts";
import { createScorekeeper } from "../score/evaluator.ts";
import type { Score } from "../score/score.ts";
import { createTruth } from "../score/ground-truth.ts";
import { createRandom } from "../world/random.ts";
import { SITES } from "../world/sites.ts";
import type { WorldEvent } from "../world/event.ts";
import { createWorld } from "../world/world.ts";

export interface Means {
  api: ApiClient | undefined;
  /** the same platform for what must not be forgotten: asked again until it answers or the run is stopped */
  patientApi: ApiClient | undefined;
  /** for the API's live stream */
  token: () => Promise<string>;
  publisher: Publisher;
  log: Logger;
  signal: AbortSignal;
}

/** A run that is ready: its devices are known to the platform and connected. */
export interface Run {
  deviceIds: readonly string[];
  ledger: Ledger | undefined;
  play: () => Promise<void>;
  /** bookings the platform refused */
  refused: () => number;
  /** what happened to its readings on their way */
  befallen?: Befallen;
  /** with `--score`: how true the platform's answers were */
  judge: (() => Promise<Score>) | undefined;
}

export async function prepareWorld(options: Options, means: Means): Promise<Run> {
  const { api, patientApi, publisher, log, signal } = means;
  const { seed, faults, startMs, trucks, shelves, probes } = options;
  // A score is of a world that the platform has heard nothing of, whatever else it has heard.
  const earlier = options.score && api ? await earlierWorlds(api) : 0;
  const mark = markOf(earlier);
  const world = createWorld({ seed, startMs, trucks, shelves, probes, earlierWorlds: earlier });
  const befallen = nothingBefallen();
  const instruments = installInstruments(world, {
    seed,
    faults,
    gates: options.gates,
    messagesPerSecond: options.rate,
    mark,
    befallen,
  });
  const { devices } = instruments;
  const settled = api && (await settle(api, { world, sites: SITES, products: PRODUCTS, devices, mark }));
  const secrets = settled?.secrets ?? (await secretsIn(options.credentials));
  const deviceIds = devices.map(({ id }) => id);
  const ledger = api && (await openLedger(api, deviceIds));
  for (const id of deviceIds) {
    if (signal.aborted) break;
    await publisher.connect(id, secrets.get(id));
  }
  log.info({ devices: deviceIds.length, seed }, "the world is set up");
  if (api && settled && !options.score) await finishOld(api, settled.heardUntilMs, log);
  const clerk = patientApi && settled && createClerk(patientApi, settled, new Set(instruments.gates.keys()), log);
  const truth = options.score ? createTruth(world.shelves, startMs) : undefined;
  const keeper =
    truth && api && settled && clerk && options.api !== undefined
      ? createScorekeeper({
          api,
          stream: { url: options.api, token: means.token },
          settled,
          truth,
          shelves: world.shelves,
          scales: devices.filter(({ kind }) => kind === "scale").map(({ id }) => id),
          shipments: clerk.shipments,
          seed,
          beganMs: Math.max(startMs, settled.heardUntilMs),
          log,
          signal,
        })
      : undefined;
  const simulation = {
    world,
    instruments,
    outbox: createOutbox(faults, createRandom(seed, "road"), befallen),
    publisher,
    clerk,
    witness: truth && ((event: WorldEvent) => truth.note(event)),
    speed: options.speed,
    durationMs: options.durationMs,
    keepPace: keeper && ((worldNow: number) => keeper.keepPace(worldNow)),
    untilMs: options.untilMs,
    batch: options.batch ?? 1,
    quietUntilMs: settled?.heardUntilMs ?? 0,
    openLoop: options.rate !== undefined && options.speed !== Infinity,
    signal,
  };
  return {
    deviceIds,
    ledger,
    play: () => (keeper ? keeper.watchWhile(simulate(simulation)) : simulate(simulation)),
    refused: () => clerk?.refused() ?? 0,
    befallen,
    judge: keeper && (() => keeper.finish(world.now)),
  };
}

async function finishOld(api: ApiClient, heardUntilMs: number, log: Logger): Promise<void> {
  const closed = await closeOldPapers(api, heardUntilMs, log);
  if (closed > 0) log.info({ closed }, "shipments of an earlier run have been signed for");
}

async function secretsIn(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map();
  return new Map(Object.entries(JSON.parse(await readFile(file, "utf8")) as Record<string, string>));
}

import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { forEachConcurrently } from "../platform/concurrently.ts";
import { bookColdBoxes } from "./book-cold-boxes.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createOperator } from "./operator.ts";
import { createFaultStats } from "../devices/fault-stats.ts";
import { installDevices } from "../devices/install-devices.ts";
import { createDeliveryQueue } from "../devices/delivery-queue.ts";
import { startLossCheck } from "./loss-check.ts";
import type { PreparedRun, RunDeps } from "./prepared-run.ts";
import type { Options } from "../cli/options.ts";
import { closeStaleShipments } from "./close-stale-shipments.ts";
import { countEarlierWorlds, idPrefixOf, provisionWorld } from "../platform/seed.ts";
import { simulate } from "./simulation.ts";
import { createStockPlay } from "./stock-play.ts";
import { prepareWarehouse } from "./warehouse-work.ts";
import { PLAY_PRODUCTS, PRODUCTS } from "../world/products.ts";
import { createEvaluator } from "../score/evaluator.ts";
import { playPromises } from "../score/promise-play.ts";
import { createGroundTruth } from "../score/ground-truth.ts";
import { createColdBoxes } from "../world/cold-box.ts";
import { createRandom } from "../world/random.ts";
import { SITES } from "../world/sites.ts";
import type { WorldEvent } from "../world/event.ts";
import { planJam } from "../world/jam.ts";
import { createWorld } from "../world/world.ts";

export async function prepareWorld(options: Options, deps: RunDeps): Promise<PreparedRun> {
  const { api, retryingApi, publisher, log, signal } = deps;
  const { seed, faults, startMs, trucks, shelves, probes, stockOuts } = options;
  // A score needs a world that is new to the platform, also when earlier worlds ran on it.
  const earlier = options.score && api ? await countEarlierWorlds(api) : 0;
  const idPrefix = idPrefixOf(earlier);
  const { gates, handling } = options;
  const jam = options.score ? planJam(startMs, options.untilMs) : undefined;
  const world = createWorld({
    seed,
    startMs,
    trucks,
    shelves,
    probes,
    stockOuts,
    gates,
    handling,
    jam,
    playShelves: options.stockPlay,
    earlierWorlds: earlier,
  });
  const coldBoxes = createColdBoxes(options.coldBoxes, startMs);
  const faultStats = createFaultStats();
  const installed = installDevices(world, {
    seed,
    faults,
    gates,
    messagesPerSecond: options.rate,
    shelfScans: options.shelfScans,
    vehicleData: options.vehicleData,
    coldBoxes,
    idPrefix,
    faultStats,
  });
  const { devices } = installed;
  const products = options.stockPlay ? [...PRODUCTS, ...PLAY_PRODUCTS] : PRODUCTS;
  const provisioned = api && (await provisionWorld(api, { world, sites: SITES, products, devices, idPrefix }));
  const secrets = provisioned?.secrets ?? (await readSecrets(options.credentials));
  const deviceIds = devices.map(({ id }) => id);
  const lossCheck = api && (await startLossCheck(api, deviceIds));
  await forEachConcurrently(deviceIds, async (id) => {
    if (!signal.aborted) await publisher.connect(id, secrets.get(id));
  });
  log.info({ devices: deviceIds.length, seed }, "simulated world provisioned");
  if (api && provisioned && !options.score) await closeShipmentsOfEarlierRun(api, provisioned.lastSeenMs, log);
  const operator = retryingApi && provisioned && createOperator(retryingApi, provisioned, log);
  const boxes =
    api && provisioned
      ? await bookColdBoxes(api, coldBoxes, { loggers: installed.loggers, provisioned, startMs, idPrefix })
      : [];
  const dispatcher =
    options.trips && retryingApi && provisioned && operator
      ? await createDispatcher(retryingApi, { world, provisioned, operator, log })
      : undefined;
  const truth = options.score ? createGroundTruth(world.shelves, startMs) : undefined;
  const evaluator =
    truth && api && provisioned && operator && options.api !== undefined
      ? createEvaluator({
          api,
          stream: { url: options.api, token: deps.token },
          provisioned,
          truth,
          jam,
          shelves: world.shelves,
          scales: devices.filter(({ kind }) => kind === "scale").map(({ id }) => id),
          shipments: operator.shipments,
          coldBoxes: boxes,
          loads: dispatcher?.loads ?? [],
          seed,
          clockErrorMs: faults.clockSkewMs,
          beganMs: Math.max(startMs, provisioned.lastSeenMs),
          log,
          signal,
        })
      : undefined;
  const over = new AbortController();
  const untilOver = { log, signal: AbortSignal.any([signal, over.signal]) };
  if (options.stockPlay && retryingApi && provisioned) await prepareWarehouse(retryingApi, provisioned);
  const play =
    options.stockPlay && retryingApi && provisioned
      ? createStockPlay(world, retryingApi, provisioned, untilOver)
      : undefined;
  const simulation = {
    world,
    installed,
    deliveryQueue: createDeliveryQueue(faults, createRandom(seed, "road"), faultStats, installed.clockErrors),
    publisher,
    operator,
    idPrefix,
    onEvent: (event: WorldEvent) => {
      truth?.record(event);
      play?.record(event);
      dispatcher?.record(event);
    },
    speed: options.speed,
    durationMs: options.durationMs,
    waitForPlatform: evaluator && ((worldNow: number) => evaluator.waitForPlatform(worldNow)),
    untilMs: options.untilMs,
    batch: options.batch ?? 1,
    silentUntilMs: provisioned?.lastSeenMs ?? 0,
    openLoop: options.rate !== undefined && options.speed !== Infinity,
    signal,
  };
  return {
    deviceIds,
    lossCheck,
    async play() {
      const simulated = evaluator ? evaluator.observeDuring(simulate(simulation)) : simulate(simulation);
      await Promise.all([simulated.finally(() => over.abort()), play?.run()]);
      await dispatcher?.drain();
    },
    refused: () => operator?.refused() ?? 0,
    faultStats,
    evaluate:
      evaluator && api
        ? async () => ({
            ...(await evaluator.finish(world.now)),
            promises: await playPromises({ api, url: options.url, seed, idPrefix, log, signal }),
          })
        : undefined,
  };
}

async function closeShipmentsOfEarlierRun(api: ApiClient, lastSeenMs: number, log: Logger): Promise<void> {
  const closed = await closeStaleShipments(api, lastSeenMs, log);
  if (closed > 0) log.info({ closed }, "closed shipments of an earlier run");
}

async function readSecrets(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map();
  return new Map(Object.entries(JSON.parse(await readFile(file, "utf8")) as Record<string, string>));
}

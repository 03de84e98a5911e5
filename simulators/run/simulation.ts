import type { Operator } from "./operator.ts";
import type { Device, WireReading } from "../devices/device.ts";
import type { InstalledDevices } from "../devices/install-devices.ts";
import type { DueReading, DeliveryQueue } from "../devices/delivery-queue.ts";
import type { Publisher } from "./publisher.ts";
import type { WorldEvent } from "../world/event.ts";
import { STEP_MS, type World } from "../world/world.ts";

export interface SimulationOptions {
  world: World;
  installed: InstalledDevices;
  deliveryQueue: DeliveryQueue;
  publisher: Publisher;
  operator: Operator | undefined;
  /** of the SKUs on the platform */
  idPrefix: string;
  /** called for every event of the world when its time has come */
  onEvent: ((event: WorldEvent) => void) | undefined;
  /** resolves when the platform is close enough behind `worldNow` (epoch milliseconds) for the world to go on */
  waitForPlatform: ((worldNow: number) => Promise<void>) | undefined;
  /** simulated seconds per second; Infinity: as fast as messages are acknowledged, then in real time */
  speed: number;
  /** wall-clock milliseconds */
  durationMs: number;
  /** end of simulated time, epoch milliseconds */
  untilMs: number;
  batch: number;
  /** messages are sent when due, whether or not earlier ones are acknowledged; latency counts from the due time */
  openLoop: boolean;
  /** before this time (epoch milliseconds) the world advances without sending anything */
  silentUntilMs: number;
  signal: AbortSignal;
}

const TICK_MS = 20;
/** For an open loop: time spent waiting for a tick would count as latency of the broker. */
const OPEN_LOOP_TICK_MS = 1;
/** Faster than real time, device intervals are this many times longer: history does not need one fix per second. */
const CATCH_UP_INTERVAL_FACTOR = 5;
const CAUGHT_UP_MS = 5_000;

type HandledEvent = WorldEvent & { type: "pallet-loaded" | "pallet-unloaded" | "pallet-delivered" };

const SCAN_ACTIONS = { "pallet-loaded": "load", "pallet-unloaded": "unload", "pallet-delivered": "deliver" } as const;

/** Advances the world with the clock; its devices publish readings and its operator books. */
export async function simulate(options: SimulationOptions): Promise<void> {
  const { world, installed, deliveryQueue, publisher, operator, signal, speed } = options;
  const began = { wall: Date.now(), world: world.now, perf: performance.now() };
  const due = new Map<Device, number>(
    installed.devices.map((device, index) => [
      device,
      world.now + ((index * 37) % 100) * ((device.intervalMs ?? 0) / 100),
    ]),
  );
  const batches = new Map<string, DueReading[]>();
  let futureEvents: WorldEvent[] = [];
  const scans: HandledEvent[] = [];
  let shelfScans = 0;

  const elapsedMs = (): number => performance.now() - began.perf;
  const targetTime = (): number =>
    Math.min(
      // Simulated devices have clocks of their own: a step of this machine's does not move them.
      began.wall + elapsedMs(),
      options.untilMs,
      began.world + (speed === Infinity ? Infinity : elapsedMs() * speed),
    );

  const handleEvent = (event: WorldEvent): void => {
    if (event.at < options.silentUntilMs) return;
    options.onEvent?.(event);
    operator?.record(event);
    if (event.type === "shelf-changed") scanShelf(event);
    if ("toldBy" in event && event.toldBy === "scan") scans.push(event);
    if (event.type !== "pallet-through-gate" && event.type !== "pallet-at-gate") return;
    const gates = installed.gates.get(event.site.name) ?? [];
    const { epc, number } = event.pallet;
    const gate = gates[number % gates.length];
    const next = gates[(number + 1) % gates.length];
    if (!gate || !next) return;
    const read = (by: Device, readings: readonly WireReading[]) => {
      for (const reading of readings) deliveryQueue.enqueue({ deviceId: by.id, kind: "rfid", reading });
    };
    if (event.type === "pallet-at-gate") return read(gate, gate.readApproach(epc, event.visit, event.at));
    read(gate, gate.readPassage(epc, event.direction, event.at));
    if (next !== gate) read(next, next.crossReads(epc, event.at));
  };

  /** Who takes or puts something scans it, where the site has a scanner. */
  const scanShelf = ({ at, shelf: number, pieces, isScanned }: WorldEvent & { type: "shelf-changed" }): void => {
    const shelf = world.shelves[number - 1]!;
    const scanner = isScanned ? installed.shelfScanners.get(shelf.site.name) : undefined;
    if (scanner === undefined) return;
    const action = pieces < 0 ? "pick" : "receive";
    const code = `${options.idPrefix}${shelf.product.sku}`;
    // Two shelves of a site may change at one moment: the scanner numbers its scans.
    const reading = { ts: at, seq: (shelfScans += 1), code, action, quantity: Math.abs(pieces) };
    deliveryQueue.enqueue({ deviceId: scanner.id, kind: "scan", reading });
  };

  /** A pallet can be scanned when it has its label. */
  const scanLabels = (): void => {
    for (const event of scans.splice(0)) {
      const scanner = installed.scanners.get(event.truck);
      const code = operator?.trackingNumbers.get(event.pallet);
      if (code === undefined) scans.push(event);
      else if (scanner) {
        const reading = { ts: event.at, code, action: SCAN_ACTIONS[event.type] };
        deliveryQueue.enqueue({ deviceId: scanner.id, kind: "scan", reading });
      }
    }
  };

  /** When reporting resumes, books the pallets that were packed in the silent time. */
  let isSilent = options.silentUntilMs > world.now;
  const endSilence = (now: number): void => {
    if (!isSilent || now < options.silentUntilMs) return;
    isSilent = false;
    for (const pallet of world.pallets) if (!pallet.delivered) operator?.bookExisting(pallet, now);
  };

  const handleEventsUntil = (now: number): void => {
    futureEvents.push(...world.advance(now));
    for (const event of futureEvents.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) handleEvent(event);
    futureEvents = futureEvents.filter(({ at }) => at > now);
  };

  const measureUntil = (before: number, thinning: number): void => {
    for (const [device, first] of due) {
      if (device.intervalMs === undefined) continue;
      let ts = first;
      for (; ts < before; ts += device.intervalMs * thinning) {
        const readings = device.readTags?.(Math.round(ts)) ?? [device.measure?.(Math.round(ts))];
        for (const reading of ts >= options.silentUntilMs ? readings : []) {
          if (reading) deliveryQueue.enqueue({ deviceId: device.id, kind: device.kind, reading });
        }
      }
      due.set(device, ts);
    }
  };

  const send = async (outgoing: DueReading): Promise<void> => {
    const key = `${outgoing.deviceId}/${outgoing.kind}`;
    const batch = batches.get(key) ?? [];
    batch.push(outgoing);
    batches.set(key, batch);
    if (batch.length >= options.batch) await flush(key);
  };

  const flush = async (key: string): Promise<void> => {
    const batch = batches.get(key) ?? [];
    const newest = batch.at(-1);
    batches.delete(key);
    if (!newest) return;
    const dueAt = options.openLoop ? began.perf + (newest.dueAt - began.world) / speed : performance.now();
    await publisher.publish(
      newest.deviceId,
      newest.kind,
      batch.map(({ reading }) => reading),
      Math.min(dueAt, performance.now()),
    );
  };

  const isCatchingUp = (until: number): boolean =>
    speed === Infinity ? until - world.now > CAUGHT_UP_MS : speed > 1 && !options.openLoop;
  const isOver = (): boolean => elapsedMs() >= options.durationMs || world.now + STEP_MS > options.untilMs;

  while (!signal.aborted && !isOver()) {
    const until = targetTime();
    let edge = world.now;
    while (edge < until && !signal.aborted) {
      edge = Math.min(until, world.now + STEP_MS);
      measureUntil(edge, isCatchingUp(until) ? CATCH_UP_INTERVAL_FACTOR : 1);
      if (edge === world.now + STEP_MS) handleEventsUntil(edge);
      endSilence(world.now);
      await operator?.waitForCapacity();
      await options.waitForPlatform?.(world.now);
      scanLabels();
      for (const outgoing of deliveryQueue.dequeueDue(edge)) await send(outgoing);
    }
    await new Promise((resolve) => setTimeout(resolve, options.openLoop ? OPEN_LOOP_TICK_MS : TICK_MS));
  }
  await operator?.drain();
  scanLabels();
  // Delayed readings are still sent after the end of simulated time.
  if (!signal.aborted) for (const outgoing of deliveryQueue.dequeueDue(Infinity)) await send(outgoing);
  for (const key of [...batches.keys()]) await flush(key);
}

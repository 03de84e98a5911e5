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
  /** told of everything that happens, when it has */
  onEvent: ((event: WorldEvent) => void) | undefined;
  /** resolves when the platform has come so far that the world may go on from there (epoch milliseconds) */
  waitForPlatform: ((worldNow: number) => Promise<void>) | undefined;
  /** simulated seconds per second; Infinity: as fast as it is acknowledged, then with the clock on the wall */
  speed: number;
  /** wall milliseconds */
  durationMs: number;
  /** when the world ends, epoch milliseconds */
  untilMs: number;
  batch: number;
  /** messages are due at their time whatever became of the ones before, and latency counts from then */
  openLoop: boolean;
  /** before this time the world goes on unheard */
  silentUntilMs: number;
  signal: AbortSignal;
}

const TICK_MS = 20;
/** Of a load that must not wait: what it waits for a tick would count as the broker's latency. */
const OPEN_LOOP_TICK_MS = 1;
/** In a world that runs faster than the clock devices report this many times more rarely: history needs no fix a second. */
const CATCH_UP_INTERVAL_FACTOR = 5;
const CAUGHT_UP_MS = 5_000;

/** Runs a world with the clock, and lets its devices and people say what they see of it. */
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

  const targetTime = (): number =>
    Math.min(
      Date.now(),
      options.untilMs,
      began.world + (speed === Infinity ? Infinity : (Date.now() - began.wall) * speed),
    );

  const handleEvent = (event: WorldEvent): void => {
    if (event.at < options.silentUntilMs) return;
    options.onEvent?.(event);
    operator?.record(event);
    if (event.type !== "pallet-through-gate") return;
    const gates = installed.gates.get(event.site.name) ?? [];
    const { epc, number } = event.pallet;
    const gate = gates[number % gates.length];
    const next = gates[(number + 1) % gates.length];
    if (!gate || !next) return;
    const read = (by: Device, readings: readonly WireReading[]) => {
      for (const reading of readings) deliveryQueue.enqueue({ deviceId: by.id, kind: "rfid", reading });
    };
    read(gate, gate.readPassage(epc, event.direction, event.at));
    if (next !== gate) read(next, next.crossReads(epc, event.at));
  };

  /** What was packed while the world went on unheard gets its papers when it is heard again. */
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
      if (device.intervalMs === undefined || !device.measure) continue;
      let ts = first;
      for (; ts < before; ts += device.intervalMs * thinning) {
        const reading = device.measure(Math.round(ts));
        if (reading && ts >= options.silentUntilMs)
          deliveryQueue.enqueue({ deviceId: device.id, kind: device.kind, reading });
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
  const isOver = (): boolean => Date.now() - began.wall >= options.durationMs || world.now + STEP_MS > options.untilMs;

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
      for (const outgoing of deliveryQueue.dequeueDue(edge)) await send(outgoing);
    }
    await new Promise((resolve) => setTimeout(resolve, options.openLoop ? OPEN_LOOP_TICK_MS : TICK_MS));
  }
  // What is late is still under way when the world ends, and comes.
  if (!signal.aborted) for (const outgoing of deliveryQueue.dequeueDue(Infinity)) await send(outgoing);
  for (const key of [...batches.keys()]) await flush(key);
  await operator?.drain();
}

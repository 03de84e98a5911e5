import type { Clerk } from "./operator.ts";
import type { Device, WireReading } from "../devices/device.ts";
import type { Instruments } from "../devices/instruments.ts";
import type { Departure, Outbox } from "../devices/delivery-queue.ts";
import type { Publisher } from "./publisher.ts";
import type { WorldEvent } from "../world/event.ts";
import { STEP_MS, type World } from "../world/world.ts";

export interface SimulationOptions {
  world: World;
  instruments: Instruments;
  outbox: Outbox;
  publisher: Publisher;
  clerk: Clerk | undefined;
  /** told of everything that happens, when it has */
  witness: ((event: WorldEvent) => void) | undefined;
  /** resolves when the platform has come so far that the world may go on from there (epoch milliseconds) */
  keepPace: ((worldNow: number) => Promise<void>) | undefined;
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
  quietUntilMs: number;
  signal: AbortSignal;
}

const TICK_MS = 20;
/** Of a load that must not wait: what it waits for a tick would count as the broker's latency. */
const OPEN_LOOP_TICK_MS = 1;
/** In a world that runs faster than the clock devices report this many times more rarely: history needs no fix a second. */
const THINNING = 5;
const CAUGHT_UP_MS = 5_000;

/** Runs a world with the clock, and lets its devices and people say what they see of it. */
export async function simulate(options: SimulationOptions): Promise<void> {
  const { world, instruments, outbox, publisher, clerk, signal, speed } = options;
  const began = { wall: Date.now(), world: world.now, perf: performance.now() };
  const due = new Map<Device, number>(
    instruments.devices.map((device, index) => [
      device,
      world.now + ((index * 37) % 100) * ((device.intervalMs ?? 0) / 100),
    ]),
  );
  const batches = new Map<string, Departure[]>();
  let ahead: WorldEvent[] = [];

  const target = (): number =>
    Math.min(
      Date.now(),
      options.untilMs,
      began.world + (speed === Infinity ? Infinity : (Date.now() - began.wall) * speed),
    );

  const happen = (event: WorldEvent): void => {
    if (event.at < options.quietUntilMs) return;
    options.witness?.(event);
    clerk?.note(event);
    if (event.type !== "pallet-through-gate") return;
    const doors = instruments.gates.get(event.site.name) ?? [];
    const { epc, number } = event.pallet;
    const gate = doors[number % doors.length];
    const next = doors[(number + 1) % doors.length];
    if (!gate || !next) return;
    const read = (by: Device, readings: readonly WireReading[]) => {
      for (const reading of readings) outbox.put({ deviceId: by.id, kind: "rfid", reading });
    };
    read(gate, gate.passage(epc, event.direction, event.at));
    if (next !== gate) read(next, next.overhear(epc, event.at));
  };

  /** What was packed while the world went on unheard gets its papers when it is heard again. */
  let unheard = options.quietUntilMs > world.now;
  const endQuiet = (now: number): void => {
    if (!unheard || now < options.quietUntilMs) return;
    unheard = false;
    for (const pallet of world.pallets) if (!pallet.delivered) clerk?.adopt(pallet, now);
  };

  const happenUntil = (now: number): void => {
    ahead.push(...world.advance(now));
    for (const event of ahead.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) happen(event);
    ahead = ahead.filter(({ at }) => at > now);
  };

  const measure = (before: number, thinning: number): void => {
    for (const [device, first] of due) {
      if (device.intervalMs === undefined || !device.measure) continue;
      let ts = first;
      for (; ts < before; ts += device.intervalMs * thinning) {
        const reading = device.measure(Math.round(ts));
        if (reading && ts >= options.quietUntilMs) outbox.put({ deviceId: device.id, kind: device.kind, reading });
      }
      due.set(device, ts);
    }
  };

  const send = async (parcel: Departure): Promise<void> => {
    const key = `${parcel.deviceId}/${parcel.kind}`;
    const batch = batches.get(key) ?? [];
    batch.push(parcel);
    batches.set(key, batch);
    if (batch.length >= options.batch) await flush(key);
  };

  const flush = async (key: string): Promise<void> => {
    const batch = batches.get(key) ?? [];
    const newest = batch.at(-1);
    batches.delete(key);
    if (!newest) return;
    const dueAt = options.openLoop ? began.perf + (newest.leavesAt - began.world) / speed : performance.now();
    await publisher.publish(
      newest.deviceId,
      newest.kind,
      batch.map(({ reading }) => reading),
      Math.min(dueAt, performance.now()),
    );
  };

  const fast = (until: number): boolean =>
    speed === Infinity ? until - world.now > CAUGHT_UP_MS : speed > 1 && !options.openLoop;
  const over = (): boolean => Date.now() - began.wall >= options.durationMs || world.now + STEP_MS > options.untilMs;

  while (!signal.aborted && !over()) {
    const until = target();
    let edge = world.now;
    while (edge < until && !signal.aborted) {
      edge = Math.min(until, world.now + STEP_MS);
      measure(edge, fast(until) ? THINNING : 1);
      if (edge === world.now + STEP_MS) happenUntil(edge);
      endQuiet(world.now);
      await clerk?.room();
      await options.keepPace?.(world.now);
      for (const parcel of outbox.take(edge)) await send(parcel);
    }
    await new Promise((resolve) => setTimeout(resolve, options.openLoop ? OPEN_LOOP_TICK_MS : TICK_MS));
  }
  // What is late is still under way when the world ends, and comes.
  if (!signal.aborted) for (const parcel of outbox.take(Infinity)) await send(parcel);
  for (const key of [...batches.keys()]) await flush(key);
  await clerk?.done();
}

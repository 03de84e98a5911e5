import type { Random } from "./random.ts";

/** Air of a cold truck or room: a two-point controller cools, open doors let warm air in. */
export interface Climate {
  /** name of the site or truck */
  place: string;
  inTruck: boolean;
  setCelsius: number;
  celsius: number;
  humidity: number;
  cooling: boolean;
  /** epoch milliseconds */
  doorOpenUntil: number;
  /** next visit to a cold room, epoch milliseconds */
  nextDoorAt: number;
}

const DOOR_CELSIUS_PER_S = 0.02;
const COOL_CELSIUS_PER_S = 0.01;
const WARM_CELSIUS_PER_S = 0.002;

/** Mean time between two visits to a cold room, and how long its door stands open, milliseconds. */
const VISIT_INTERVAL_MS = 480_000;
const VISIT_MS: readonly [number, number] = [15_000, 60_000];
/** Share of visits after which the door stays open for `DOOR_LEFT_OPEN_MS`, so that goods get warm. */
const DOOR_LEFT_OPEN_PROBABILITY = 1 / 15;
const DOOR_LEFT_OPEN_MS: readonly [number, number] = [900_000, 1_800_000];

/** Simulates visits to a cold room. The doors of trucks open when they are loaded (`openTruckDoors`). */
export function visitColdRoom(climate: Climate, now: number, random: Random): void {
  if (climate.inTruck || now < climate.nextDoorAt) return;
  const openMs = random.between(...(random.chance(DOOR_LEFT_OPEN_PROBABILITY) ? DOOR_LEFT_OPEN_MS : VISIT_MS));
  climate.doorOpenUntil = now + openMs;
  climate.nextDoorAt = climate.doorOpenUntil + VISIT_INTERVAL_MS * random.between(0.4, 1.6);
}

/** Opens a truck's doors until `until`. */
export function openTruckDoors(climates: readonly Climate[], truck: string, until: number): void {
  for (const climate of climates) if (climate.inTruck && climate.place === truck) climate.doorOpenUntil = until;
}

export function updateClimate(climate: Climate, now: number, elapsedMs: number, random: Random): void {
  const seconds = elapsedMs / 1000;
  if (climate.celsius > climate.setCelsius + 1) climate.cooling = true;
  if (climate.celsius < climate.setCelsius - 1) climate.cooling = false;
  const warming = now < climate.doorOpenUntil ? DOOR_CELSIUS_PER_S : WARM_CELSIUS_PER_S;
  climate.celsius += (warming - (climate.cooling ? COOL_CELSIUS_PER_S : 0)) * seconds + random.gaussian(0.002);
  climate.celsius = Math.min(climate.celsius, climate.setCelsius + 12);
  climate.humidity = Math.max(0.3, Math.min(0.9, climate.humidity + random.gaussian(0.0005)));
}

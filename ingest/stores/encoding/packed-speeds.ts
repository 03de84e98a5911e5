import type { SpeedState } from "../../signals/harsh-manoeuvre.ts";
import type { GpsSample, PositionState } from "../../signals/position.ts";
import type { SignalWindow } from "../../signals/window.ts";
import type { ByteReader, ByteWriter } from "./byte-sequence.ts";

/*
 * Speeds stand behind all else of a packed window, and only where a tracker tells them: so windows from before there were speeds are read
 * as they are, and a row does not grow for trackers without.
 */

/** Speeds are whole centimetres per second (signal-kinds.ts). */
const UNITS = 100;
const NO_SPEED = -1;

export function writeSpeeds(to: ByteWriter, samples: readonly GpsSample[], state: SpeedState | undefined): void {
  if (state === undefined && samples.every(({ speed }) => speed === undefined)) return;
  for (const { speed } of samples) to.int(speed === undefined ? NO_SPEED : Math.round(speed * UNITS));
  to.int(state === undefined ? NO_SPEED : state.recent.length);
  if (state === undefined) return;
  to.double(state.lastAt ?? Number.NaN);
  for (const { ts, lat, lon, speed } of state.recent) {
    to.double(ts);
    to.double(lat);
    to.double(lon);
    to.int(Math.round(speed * UNITS));
  }
}

interface ToldSpeeds {
  speeds: (number | undefined)[];
  state: SpeedState | undefined;
}

/** @returns undefined for a window without speeds */
export function readSpeeds(from: ByteReader, count: number): ToldSpeeds | undefined {
  if (from.isAtEnd()) return undefined;
  const speeds = Array.from({ length: count }, () => {
    const units = from.int();
    return units === NO_SPEED ? undefined : units / UNITS;
  });
  const fixes = from.int();
  if (fixes === NO_SPEED) return { speeds, state: undefined };
  const lastAt = from.double();
  const recent = Array.from({ length: fixes }, () => ({
    ts: from.double(),
    lat: from.double(),
    lon: from.double(),
    speed: from.int() / UNITS,
  }));
  return { speeds, state: { recent, lastAt: Number.isNaN(lastAt) ? null : lastAt } };
}

export function withSpeeds(
  { base, newestInBase, samples }: SignalWindow<GpsSample, PositionState>,
  told: ToldSpeeds | undefined,
): SignalWindow<GpsSample, PositionState> {
  if (told === undefined) return { base, newestInBase, samples };
  return {
    base: { ...base, ...(told.state && { speeds: told.state }) },
    newestInBase,
    samples: samples.map((sample, at) => ({ ...sample, speed: told.speeds[at] })),
  };
}

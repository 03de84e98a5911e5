import type { RiskKind } from "../fact.ts";
import { distanceM, type Point } from "../geo/geofence.ts";
import { pointOnLine } from "../geo/line-in-fence.ts";
import { type Corridor, distanceToLineM } from "./corridor.ts";

/*
 * What may be wrong with goods of high value while a vehicle carries them, by the readings of their own trackers and probes, or of the
 * vehicle's where they have none. Readings come in the order of measurement, of all devices together.
 *
 * off_route         two fixes in a row further from the line of its route than the route is wide; over at a fix within four fifths of that
 * unscheduled_stop  within 100 m for 10 min, away from every geofence; over with the second fix in a row beyond 150 m
 * separation        two fixes in a row of the goods' own tracker more than 500 m from where the vehicle was then; over within 300 m. Where the
 *                   vehicle was follows from its fixes before and after, which may be two minutes apart
 * light             20 lux or more at the goods, away from every geofence; over at 10 lux or less
 * shipment_silent   no reading for 15 min, last away from every geofence; over with the next reading
 *
 * A fix away from every geofence lies more than 50 m outside of each.
 */
export const STOP_MS = 10 * 60_000;
export const SILENCE_MS = 15 * 60_000;
const STOP_RADIUS_M = 100;
const STOP_LEFT_M = 150;
const APART_M = 500;
const TOGETHER_M = 300;
const LIT_LUX = 20;
const DARK_LUX = 10;
const VEHICLE_FIXES_MS = 120_000;
/** A position tells where the goods are for so long. */
const POSITION_MS = 10 * 60_000;
const MAX_WAITING = 32;

export interface RiskReading {
  ts: number;
  seq: number;
  deviceId: string;
  /** mounted on the goods, or on the vehicle */
  of: "goods" | "vehicle";
  position?: Point;
  lux?: number;
}

export interface RiskContext {
  corridor: Corridor | undefined;
  /** the goods have a tracker of their own: the positions of the vehicle are only compared with */
  hasOwnTracker: boolean;
  /** whether a point lies away from every geofence */
  isAway(point: Point): boolean;
}

/** Epoch milliseconds. */
interface Placed extends Point {
  ts: number;
}

interface Open {
  since: number;
}

export interface RiskState {
  /** where the goods are, by the last good fix */
  last: (Placed & { away: boolean }) | null;
  lastReading: { ts: number; deviceId: string } | null;
  /** the first of the fixes in a row that are off the route, and of those apart from the vehicle */
  suspicion: { off_route?: number; separation?: number };
  open: Partial<Record<RiskKind, Open>>;
  stop: (Placed & { away: boolean; leaving: number | null }) | null;
  vehicle: Placed | null;
  /** fixes of the goods that wait for the vehicle's next one */
  waiting: Placed[];
}

/** Something to report. `at`: when it became so. */
export interface Risk {
  type: "risk" | "risk_over";
  kind: RiskKind;
  since: number;
  at: number;
  deviceId: string;
  readAt: number;
  metres?: number;
  lux?: number;
  lat?: number;
  lon?: number;
}

export const NO_RISK: RiskState = {
  last: null,
  lastReading: null,
  suspicion: {},
  open: {},
  stop: null,
  vehicle: null,
  waiting: [],
};

/** Takes the next reading. @returns the state after it, and what is to be reported */
export function stepRisks(
  before: RiskState,
  reading: RiskReading,
  context: RiskContext,
): { state: RiskState; found: Risk[] } {
  const { ts, deviceId, of, position, lux } = reading;
  const state: RiskState = { ...before, open: { ...before.open }, suspicion: { ...before.suspicion } };
  const found: Risk[] = [];
  const report = reporter(state, found, { deviceId, readAt: ts });
  const isTracker = of === "goods" || !context.hasOwnTracker;
  if (isTracker) {
    const { lastReading, last } = before;
    if (lastReading !== null && last?.away && ts - lastReading.ts > SILENCE_MS)
      report.begin("shipment_silent", lastReading.ts, lastReading.ts + SILENCE_MS, pointOf(last));
    report.end("shipment_silent", ts);
    state.lastReading = { ts, deviceId };
  }
  if (position !== undefined && isTracker) {
    state.last = { ...pointOf(position), ts, away: context.isAway(position) };
    if (context.corridor !== undefined) followRoute(state, ts, position, context.corridor, report);
    followStop(state, state.last, report);
  }
  if (position !== undefined && context.hasOwnTracker) {
    if (of === "goods") state.waiting = [...before.waiting, { ...pointOf(position), ts }].slice(-MAX_WAITING);
    else compareWithVehicle(state, { ...pointOf(position), ts }, report);
  }
  if (lux !== undefined && of === "goods") {
    const { last } = state;
    if (lux >= LIT_LUX && last?.away && ts - last.ts <= POSITION_MS)
      report.begin("light", ts, ts, { lux, ...pointOf(last) });
    else if (lux <= DARK_LUX) report.end("light", ts);
  }
  return { state, found };
}

/** A silence that goes on. @param silentMs how long nothing has been received; @returns what is to be reported now */
export function silenceOf({ lastReading, last, open }: RiskState, silentMs: number): Risk | undefined {
  if (lastReading === null || !last?.away || silentMs <= SILENCE_MS || open.shipment_silent) return undefined;
  const { ts, deviceId } = lastReading;
  return {
    type: "risk",
    kind: "shipment_silent",
    since: ts,
    at: ts + SILENCE_MS,
    deviceId,
    readAt: ts,
    ...pointOf(last),
  };
}

/** The goods have left the vehicle: nothing goes on. */
export function endRisks({ open, lastReading }: RiskState, at: number): Risk[] {
  return Object.entries(open).map(([kind, { since }]) => ({
    ...{ type: "risk_over" as const, kind: kind as RiskKind, since, at, readAt: at },
    deviceId: lastReading?.deviceId ?? "",
  }));
}

type Measured = Pick<Risk, "metres" | "lux" | "lat" | "lon">;
interface Reporter {
  begin(kind: RiskKind, since: number, at: number, measured: Measured): void;
  end(kind: RiskKind, at: number): void;
}

function reporter(state: RiskState, found: Risk[], by: { deviceId: string; readAt: number }): Reporter {
  return {
    begin(kind, since, at, measured) {
      if (state.open[kind]) return;
      state.open[kind] = { since };
      found.push({ type: "risk", kind, since, at, ...by, ...measured });
    },
    end(kind, at) {
      const open = state.open[kind];
      if (open === undefined) return;
      delete state.open[kind];
      found.push({ type: "risk_over", kind, since: open.since, at, ...by });
    },
  };
}

function followRoute(state: RiskState, ts: number, position: Point, corridor: Corridor, report: Reporter): void {
  const metres = distanceToLineM(position, corridor);
  if (metres > corridor.widthM) {
    const { off_route: since } = state.suspicion;
    if (since === undefined) state.suspicion.off_route = ts;
    else report.begin("off_route", since, ts, { metres: Math.round(metres), ...pointOf(position) });
    return;
  }
  delete state.suspicion.off_route;
  if (metres <= 0.8 * corridor.widthM) report.end("off_route", ts);
}

function followStop(state: RiskState, fix: NonNullable<RiskState["last"]>, report: Reporter): void {
  const { stop } = state;
  const metres = stop === null ? Number.POSITIVE_INFINITY : distanceM(stop, fix);
  const isOpen = state.open.unscheduled_stop !== undefined;
  if (stop !== null && metres <= (isOpen ? STOP_LEFT_M : STOP_RADIUS_M)) {
    state.stop = { ...stop, leaving: null };
    if (stop.away && fix.ts - stop.ts >= STOP_MS)
      report.begin("unscheduled_stop", stop.ts, stop.ts + STOP_MS, pointOf(stop));
    return;
  }
  // One fix away from a stop may be noise.
  if (stop !== null && stop.leaving === null && isOpen) {
    state.stop = { ...stop, leaving: fix.ts };
    return;
  }
  report.end("unscheduled_stop", stop?.leaving ?? fix.ts);
  state.stop = { ...pointOf(fix), ts: fix.ts, away: fix.away, leaving: null };
}

function compareWithVehicle(state: RiskState, next: Placed, report: Reporter): void {
  const { vehicle: before } = state;
  for (const own of state.waiting) {
    if (own.ts > next.ts) continue;
    if (before === null || own.ts < before.ts || next.ts - before.ts > VEHICLE_FIXES_MS) continue;
    const share = next.ts === before.ts ? 1 : (own.ts - before.ts) / (next.ts - before.ts);
    const metres = distanceM(own, pointOnLine(before, next, share));
    if (metres > APART_M) {
      const { separation: since } = state.suspicion;
      if (since === undefined) state.suspicion.separation = own.ts;
      else report.begin("separation", since, own.ts, { metres: Math.round(metres), ...pointOf(own) });
      continue;
    }
    delete state.suspicion.separation;
    if (metres <= TOGETHER_M) report.end("separation", own.ts);
  }
  state.waiting = state.waiting.filter(({ ts }) => ts > next.ts);
  state.vehicle = next;
}

const pointOf = ({ lat, lon }: Point): Point => ({ lat, lon });

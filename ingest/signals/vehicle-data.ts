import type { NewFact } from "../domain/fact.ts";
import type { Manoeuvre } from "../domain/vehicle/manoeuvres.ts";
import type { VehicleMount } from "./sample.ts";
import type { Sample, SignalRule } from "./signal-rule.ts";

/*
 * What a device on a vehicle tells of who drives and how:
 *
 * 1. A driver has signed on with the first reading that tells a token, or another one than before. A reading without a token says
 *    nothing: the last driver still drives.
 * 2. Who is told of for six hours is told again, so that goods that are loaded later find the driver near their own time. It says since
 *    when, so that it does not outdo whoever has signed on by a scan meanwhile. A token that was not told for six hours signs on anew.
 * 3. The device has measured a harsh manoeuvre. Told again within three seconds it is the same one.
 */
const TOLD_AGAIN_MS = 6 * 3_600_000;
const SILENT_MS = 6 * 3_600_000;
const SAME_MANOEUVRE_MS = 3_000;

export interface VehicleSample extends Sample {
  driver: string | undefined;
  harsh: Manoeuvre | undefined;
  /** as strong as this, g */
  harshG: number | undefined;
}

export interface VehicleState {
  /** `since` and `heardAt`: missing in states from before they were kept */
  driver: { vehicleId: number; token: string; toldAt: number; since?: number; heardAt?: number } | null;
  manoeuvre: { vehicleId: number; what: Manoeuvre; at: number } | null;
}

export interface VehicleContext {
  deviceId: string;
  vehicleAt: (ts: number) => VehicleMount | undefined;
}

export const vehicleDataRule: SignalRule<VehicleSample, VehicleState, VehicleContext> = {
  initial: { driver: null, manoeuvre: null },
  step(state, sample, { deviceId, vehicleAt }) {
    const vehicleId = vehicleAt(sample.ts)?.vehicleId;
    if (vehicleId === undefined) return { state, facts: [], quality: "ok" };
    const facts: NewFact[] = [];
    const { driver: token, harsh: what, harshG: g } = sample;
    let { driver, manoeuvre } = state;
    if (token !== undefined) {
      const known = driver?.vehicleId === vehicleId && driver.token === token ? driver : undefined;
      const heardAt = known?.heardAt ?? known?.toldAt;
      const isNew = heardAt === undefined || sample.ts - heardAt > SILENT_MS;
      const since = isNew ? sample.ts : (known!.since ?? known!.toldAt);
      const isTold = isNew || sample.ts - known!.toldAt >= TOLD_AGAIN_MS;
      driver = { vehicleId, token, toldAt: isTold ? sample.ts : known!.toldAt, since, heardAt: sample.ts };
      if (isTold) {
        const data = { token, ...(!isNew && { since }) };
        facts.push({ ...common("driver", sample, vehicleId, deviceId), type: "driver_signed_on", data });
      }
    }
    if (what !== undefined) {
      const isSame = manoeuvre?.vehicleId === vehicleId && manoeuvre.what === what;
      if (!(isSame && sample.ts - manoeuvre!.at < SAME_MANOEUVRE_MS)) {
        facts.push({
          ...common("harsh", sample, vehicleId, deviceId),
          type: "harsh_driving",
          data: { manoeuvre: what, ...(g !== undefined && { g }), by: "device" },
        });
      }
      manoeuvre = { vehicleId, what, at: sample.ts };
    }
    return { state: { driver, manoeuvre }, facts, quality: "ok" };
  },
};

function common(name: string, { ts, seq }: Sample, vehicleId: number, deviceId: string) {
  return {
    key: `${name}:${vehicleId}:${deviceId}:${ts}:${seq}`,
    subject: `vehicle:${vehicleId}` as const,
    at: ts,
    concludedAt: ts,
    rule: "vehicle-data",
    evidence: [{ device_id: deviceId, kind: "vehicle", ts: new Date(ts).toISOString(), ...(seq >= 0 && { seq }) }],
    confidence: 0.95,
    deviceId,
  };
}

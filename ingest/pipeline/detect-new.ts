import type { Pool } from "pg";
import type { DecodedBatch } from "./decode.ts";
import {
  type Deduplicated,
  deduplicate,
  type DeviceReadings,
  type ReadingRejection,
  type Refusal,
  type RetriedRow,
} from "./deduplicate.ts";
import { type BatchDetections, detect } from "./detect.ts";
import type { Reading } from "./reading.ts";
import { refusalsOf } from "./refused-scans.ts";
import { resolveScans } from "./resolve-scans.ts";
import type { ScanResult } from "./scan-facts.ts";
import type { Signal } from "./signal-kinds.ts";
import { loadClosedSignals, signalKey } from "../stores/queries/checkpoints.ts";
import type { TagState, TagStates } from "../stores/caches/tag-states.ts";
import type { DeviceState } from "../stores/encoding/device-state.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** What is new in a batch, and what follows from it. */
export interface NewInBatch {
  deduplicated: Deduplicated;
  newReadings: Reading[];
  detections: BatchDetections;
  scans: ScanResult<Reading<"scan">>[];
}

export interface DetectNewOptions {
  pool: Pool;
  tagStates: TagStates;
  registry: DeviceRegistry;
  states: ReadonlyMap<string, DeviceState>;
  /** content hashes of stored identities */
  known: ReadonlyMap<string, number>;
  rejectionOf: ReadingRejection | undefined;
  retried: readonly RetriedRow[];
}

/**
 * Separates new readings from repeats and detects what follows from them. Scans that have no effect are refused: these
 * readings are not new, and everything is derived again without them.
 */
export async function detectNew(decoded: DecodedBatch, options: DetectNewOptions): Promise<NewInBatch> {
  const { pool, registry, states, known, rejectionOf, retried } = options;
  const refusals = new Map<string, Refusal>();
  const resolved = new Map<Reading, ScanResult<Reading<"scan">>>();
  const retriedSources = new Set(retried.map(({ source }) => source));
  let tags: ReadonlyMap<string, TagState> | undefined;
  for (;;) {
    const deduplicated = deduplicate(decoded, states, known, { rejectionOf, retried, refusals });
    const devices = [...deduplicated.devices.values()];
    const newReadings = devices.flatMap((device) => device.newReadings);
    tags ??= await options.tagStates.load(tagsOf(newReadings));
    const derivable = await withoutClosedReadings(pool, devices);
    const detections = detect(derivable, registry, tags, decoded.decoderStates);
    const scans = newReadings.filter((reading): reading is Reading<"scan"> => reading.kind === "scan");
    const unresolved = scans.filter((scan) => !resolved.has(scan));
    for (const result of await resolveScans(pool, unresolved, registry, detections)) resolved.set(result.scan, result);
    const results = unresolved.map((scan) => resolved.get(scan)!);
    const refused = await refusalsOf(pool, results, retriedSources);
    if (refused.size === 0) {
      return { deduplicated, newReadings, detections, scans: scans.map((scan) => resolved.get(scan)!) };
    }
    for (const [source, refusal] of refused) refusals.set(source, refusal);
  }
}

/** The devices without late readings of a time whose readings may be deleted: these are stored, and no fact follows. */
async function withoutClosedReadings(pool: Pool, devices: DeviceReadings[]): Promise<DeviceReadings[]> {
  const late = devices.flatMap((device) => [...device.late].flatMap((reading) => signalOf(reading) ?? []));
  if (late.length === 0) return devices;
  const closed = await loadClosedSignals(pool, [
    ...new Map(late.map((signal) => [signalKey(signal), signal])).values(),
  ]);
  if (closed.size === 0) return devices;
  const isClosed = (reading: Reading): boolean => {
    const signal = signalOf(reading);
    return signal !== undefined && reading.ts <= (closed.get(signalKey(signal)) ?? Number.NEGATIVE_INFINITY);
  };
  return devices.map((device) =>
    device.late.size === 0
      ? device
      : {
          ...device,
          newReadings: device.newReadings.filter((reading) => !device.late.has(reading) || !isClosed(reading)),
        },
  );
}

function signalOf({ deviceId, kind, content }: Reading): Signal | undefined {
  if (kind === "rfid") return { deviceId, kind, epc: "epc" in content ? content.epc : "" };
  return kind === "gps" || kind === "scale" || kind === "vehicle" ? { deviceId, kind, epc: "" } : undefined;
}

function tagsOf(readings: readonly Reading[]): { deviceId: string; epc: string }[] {
  const tags: { deviceId: string; epc: string }[] = [];
  for (const { deviceId, content } of readings) if ("epc" in content) tags.push({ deviceId, epc: content.epc });
  return tags;
}

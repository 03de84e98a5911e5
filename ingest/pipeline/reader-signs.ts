import { addSigns, fillsSilence, type LifeSign, type ReaderLife, UNKNOWN_LIFE } from "../signals/reader-life.ts";
import type { DeviceState } from "../stores/encoding/device-state.ts";
import type { RegisteredDevice } from "../stores/queries/device-registry.ts";
import type { DeviceReadings } from "./deduplicate.ts";
import type { Reading } from "./reading.ts";

/** A reader was at work at a time in which it seemed silent, epoch milliseconds. */
export interface SilentTime {
  deviceId: string;
  from: number;
}

/** Adds the signs of life of a batch to the state of a reader. */
export function detectLife(
  detections: { readersToDeriveAgain: SilentTime[] },
  device: DeviceReadings,
  { deviceId, signal }: DeviceState,
  registered: RegisteredDevice | undefined,
): void {
  const life = lifeAfter(device, registered);
  if (life !== undefined) signal.life = life;
  const from = silenceFilledAt(device);
  if (from !== undefined) detections.readersToDeriveAgain.push({ deviceId, from });
}

/** What is known of a reader's life after a batch; undefined for devices that read no tags. */
function lifeAfter(device: DeviceReadings, registered: RegisteredDevice | undefined): ReaderLife | undefined {
  const { before, newReadings, skewMs } = device;
  const readsTags = registered?.kind === "rfid" || newReadings.some(({ kind }) => kind === "rfid");
  if (!readsTags || newReadings.length === 0) return before.signal.life;
  return addSigns(
    before.signal.life ?? UNKNOWN_LIFE,
    newReadings.map((reading) => signOf(reading, skewMs)),
  );
}

/** A status without a time of its own has that of its receipt: it is moved to the reader's clock. */
function signOf({ kind, ts, receivedAt, content }: Reading, skewMs: number | null): LifeSign {
  if (kind !== "status") return { ts, kind: "read" };
  const isOffline = "state" in content && content.state === "offline";
  return { ts: ts === receivedAt ? ts - Math.round(skewMs ?? 0) : ts, kind: isOffline ? "offline" : "status" };
}

/** The time of the first late reading that shows the reader at work where it seemed silent; undefined for none. */
function silenceFilledAt({ before: { signal }, late }: DeviceReadings): number | undefined {
  if (signal.life === undefined || late.size === 0) return undefined;
  const { life } = signal;
  const filling = [...late].map(({ ts }) => ts).filter((ts) => fillsSilence(life, ts));
  return filling.length === 0 ? undefined : Math.min(...filling);
}

import type { Pool, PoolClient } from "pg";
import { assessDevice } from "../../../ingest/domain/alert/device.ts";
import { type Moment, openings } from "../../../ingest/domain/alert/dry-run.ts";
import type { AlertRule } from "../../../ingest/domain/alert/rule.ts";
import type { SeriesReader } from "../readings/series.ts";
import { type DeviceInScope, devicesInScope, type Receipt, receiptsOfEvents } from "./device-history.ts";
import type { Occurrence } from "./history-queries.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SERIES_KINDS = ["gps", "scale", "env"] as const;
const BATTERY_KINDS = ["gps", "env"] as const;
/** One request looks at so many readings at most: one by one, or summarised by the hour in the store. */
const MOST = { readings: 100_000, summarised: 5_000_000, devicesAtOnce: 100, page: 10_000 } as const;

export const DEVICE_RULES = ["device_silent", "battery_low", "clock_off"] as const;
type DeviceRule = Extract<AlertRule, { type: (typeof DEVICE_RULES)[number] }>;
export const isDeviceRule = (rule: AlertRule): rule is DeviceRule => DEVICE_RULES.some((type) => type === rule.type);

const NOTES: Readonly<Record<DeviceRule["type"], string>> = {
  device_silent: "by when messages were received; a silence that began before these days is not counted",
  battery_low: "by the lowest level of each hour",
  clock_off: "by when readings were measured and received; those that came late are left out, as they are live",
};

interface Found {
  list: Occurrence[];
  complete: boolean;
  note: string;
}

/** How often devices would have been silent, low on battery or off by their clock, by the readings that are stored. */
export async function deviceOccurrences(
  { db, series }: { db: Pool | PoolClient; series: SeriesReader },
  rule: DeviceRule,
  days: number,
  locationIds: readonly number[] | null,
  now: number,
): Promise<Found> {
  const from = now - days * DAY_MS;
  const list: Occurrence[] = [];
  const past = { looked: 0, most: rule.type === "battery_low" ? MOST.summarised : MOST.readings };
  let devices = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const mustReport = rule.type === "device_silent";
    const page: DeviceInScope[] = await devicesInScope(db, locationIds, {
      after,
      limit: MOST.devicesAtOnce,
      mustReport,
    });
    for (const device of page) {
      const times =
        rule.type === "battery_low"
          ? await lowBatteries(series, rule, device, { from, now, past })
          : await fromReceipts({ db, series }, rule, device, { from, now, past });
      if (past.looked > past.most) return { list, complete: false, note: partNote(rule, devices) };
      devices += 1;
      list.push(...times.map((at) => ({ subject: `device:${device.id}`, at: new Date(at) })));
    }
    after = page.length < MOST.devicesAtOnce ? undefined : page.at(-1)!.id;
  }
  const nobody = rule.type === "device_silent" ? "no device here says how often it reports" : "there is no device here";
  return { list, complete: true, note: devices === 0 ? nobody : NOTES[rule.type] };
}

const partNote = ({ type }: DeviceRule, devices: number): string =>
  `${NOTES[type]}; the readings of ${devices === 0 ? "no" : `the first ${devices}`} devices fit into one request: try fewer days, or some places`;

interface Past {
  from: number;
  now: number;
  /** readings that were looked at, and how many may be */
  past: { looked: number; most: number };
}

const asDevice = ({ id, locationId, vehicleId, intervalSeconds }: DeviceInScope) => ({
  ...{ id, locationId, vehicleId, intervalSeconds, isActive: true, silentMs: 0 },
  ...{ battery: null, behindMs: null, lastReceivedAt: null },
});

async function lowBatteries(
  series: SeriesReader,
  rule: DeviceRule,
  device: DeviceInScope,
  { from, now, past }: Past,
): Promise<number[]> {
  const lowest = new Map<number, number>();
  for (const kind of BATTERY_KINDS) {
    const limit = Math.ceil((now - from) / HOUR_MS) + 2;
    const hours = await series.hours({ deviceId: device.id, kind, from, to: now, after: null, limit });
    for (const { hour, count, values } of hours) {
      past.looked += count;
      const level = values["battery"]?.min;
      if (level !== undefined) lowest.set(hour, Math.min(level, lowest.get(hour) ?? level));
    }
  }
  const moments = [...lowest]
    .toSorted(([a], [b]) => a - b)
    .map(([at, level]): Moment => {
      const battery = { level, at, late: false };
      return { at, assessment: assessDevice(rule, { ...asDevice(device), battery, lastReceivedAt: at }) };
    });
  return openings(moments, now);
}

async function fromReceipts(
  stores: { db: Pool | PoolClient; series: SeriesReader },
  rule: DeviceRule,
  device: DeviceInScope,
  range: Past,
): Promise<number[]> {
  const receipts = await receiptsOf(stores, device.id, rule.type === "device_silent", range);
  if (range.past.looked > range.past.most) return [];
  const sorted = receipts.toSorted((a, b) => a.receivedAt - b.receivedAt || a.ts - b.ts);
  return rule.type === "device_silent"
    ? silences(sorted, rule.params.missed_intervals * device.intervalSeconds! * 1_000, range.now)
    : wrongClocks(sorted, rule, device, range.now);
}

/** What was received of a device; incomplete when more than may be looked at. @param withEvents what is no series too */
async function receiptsOf(
  { db, series }: { db: Pool | PoolClient; series: SeriesReader },
  deviceId: string,
  withEvents: boolean,
  { from, now, past }: Past,
): Promise<Receipt[]> {
  const receipts = withEvents ? await receiptsOfEvents(db, deviceId, from, MOST.readings + 1) : [];
  past.looked += receipts.length;
  for (const kind of SERIES_KINDS) {
    let after: { ts: number; seq: number } | null = null;
    for (;;) {
      if (past.looked > past.most) return receipts;
      // A clock that is ahead measures after now.
      const query = { deviceId, kind, from, to: now + DAY_MS, after, limit: MOST.page };
      const page = await series.readings(query);
      for (const { ts, receivedAt } of page) receipts.push({ ts, receivedAt });
      past.looked += page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < MOST.page) break;
      after = { ts: last.ts, seq: last.seq };
    }
  }
  return receipts;
}

/** When a device had been silent for too long: after its last message, until the next one. */
function silences(receipts: readonly Receipt[], patienceMs: number, now: number): number[] {
  return receipts.flatMap(({ receivedAt }, at) => {
    const next = receipts[at + 1]?.receivedAt ?? now;
    return next - receivedAt >= patienceMs ? [receivedAt + patienceMs] : [];
  });
}

/** The engine judges by the newest reading: one that is older than what came before says nothing of the clock. */
function wrongClocks(receipts: readonly Receipt[], rule: DeviceRule, device: DeviceInScope, now: number): number[] {
  let newest = Number.NEGATIVE_INFINITY;
  const moments = receipts.flatMap(({ receivedAt, ts }, at): Moment[] => {
    const isLastOfItsReceipt = receipts[at + 1]?.receivedAt !== receivedAt;
    if (ts < newest || !isLastOfItsReceipt) return [];
    newest = ts;
    const behindMs = receivedAt - ts;
    return [
      { at: receivedAt, assessment: assessDevice(rule, { ...asDevice(device), behindMs, lastReceivedAt: receivedAt }) },
    ];
  });
  return openings(moments, now);
}

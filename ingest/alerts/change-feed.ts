import type { Logger } from "pino";
import type { PostgresListener } from "../stores/caches/device-registry.ts";
import type { DirtyIds } from "./dirty-ids.ts";

export interface DirtySubjects {
  stock: DirtyIds<number>;
  devices: DirtyIds<string>;
  vehicles: DirtyIds<number>;
  shipments: DirtyIds<number>;
  /** what trips are concerned by: trips-turn.ts */
  trips: DirtyIds<number>;
  carried: DirtyIds<number>;
  evidence: DirtyIds<string>;
}

/** Before a notice comes, its transaction may have been open for so long, milliseconds. */
const OVERLAP_MS = 10_000;

/**
 * Gathers what commits have changed, from the notice that each of them sends: of ingest on any node, and of the API. The
 * commit itself does nothing for alerts.
 * @param onRules a rule was changed, or notices are heard from now on and some may have been missed: rules are to be read,
 * and everything is dirty
 */
export function followChanges(
  listener: PostgresListener,
  dirty: DirtySubjects,
  onRules: () => void,
  log: Logger,
): { close(): void } {
  const mark = <Id extends string | number>(ids: DirtyIds<Id>, keys: Id[] | null | undefined) => {
    if (keys === null) ids.addSince(performance.now() - OVERLAP_MS);
    else if (keys !== undefined) ids.add(keys);
  };
  const unsubscribe = [
    listener.subscribe({
      channel: "changes",
      onNotify(payload) {
        const notice = parsed(payload, log);
        mark(dirty.stock, notice.stock);
        mark(dirty.devices, notice.devices);
        mark(dirty.vehicles, notice.positions);
        mark(dirty.shipments, notice.shipments);
        mark(dirty.carried, notice.shipments);
        mark(dirty.trips, notice.trips);
        mark(dirty.evidence, notice.evidence);
      },
      // The next channel tells it, when both are heard.
      onListening: () => undefined,
    }),
    listener.subscribe({ channel: "alert_rules", onNotify: onRules, onListening: onRules }),
  ];
  return {
    close() {
      for (const end of unsubscribe) end();
    },
  };
}

interface Notice {
  stock?: number[] | null;
  devices?: string[] | null;
  positions?: number[] | null;
  shipments?: number[] | null;
  trips?: number[] | null;
  evidence?: string[] | null;
}

/** Only this platform writes to the channel. */
function parsed(payload: string, log: Logger): Notice {
  try {
    return JSON.parse(payload) as Notice;
  } catch (error) {
    log.warn({ err: error, payload }, "alerts: invalid notification on the Postgres channel `changes`; ignored");
    return {};
  }
}

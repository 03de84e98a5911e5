import type { ApiClient } from "../platform/api-client.ts";
import { pause } from "../run/pause.ts";

interface Readiness {
  parts: Record<string, { detail?: string | number }>;
}

interface ShipmentRow {
  updated_at: string;
}

const POLL_INTERVAL_MS = 2_000;
/** Consecutive polls without a change. The platform may report its backlog some seconds late. */
const QUIET_POLLS = 4;

/**
 * Waits until the platform is quiescent: `/readyz` reports no journal lag and no late data, and no shipment changes.
 * @returns whether it became quiescent within `timeoutMs`
 */
export async function waitForQuiescence(api: ApiClient, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  let changedSince = new Date(0).toISOString();
  for (let still = 0; still < QUIET_POLLS; await pause(POLL_INTERVAL_MS)) {
    if (performance.now() >= deadline) return false;
    const before = changedSince;
    const rows = await api.list<ShipmentRow>(`/shipments?updated_since=${encodeURIComponent(before)}`);
    changedSince = rows.reduce((newest, { updated_at }) => (updated_at > newest ? updated_at : newest), before);
    still = changedSince === before && (await backlog(api)) === 0 ? still + 1 : 0;
  }
  return true;
}

/** Journal lag (bytes) plus waiting late-data windows; a part that `/readyz` does not show counts as 0. */
async function backlog(api: ApiClient): Promise<number> {
  const { parts } = await api.get<Readiness>("/readyz");
  const waiting = ["lag", "late"].map((name) => parts[name]?.detail);
  return waiting.reduce<number>((sum, detail) => sum + (typeof detail === "number" ? detail : 0), 0);
}

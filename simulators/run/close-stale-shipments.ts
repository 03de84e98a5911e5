import type { Logger } from "pino";
import { type ApiClient, ApiProblem } from "../platform/api-client.ts";
import { REFERENCE_PREFIX } from "./operator.ts";

interface OpenShipment {
  id: number;
  status: string;
  stage_since: string;
  reference: string | null;
  destination_id: number | null;
}

const CLOSED = new Set(["delivered", "returned", "cancelled"]);

/**
 * Closes shipments that an earlier run left open: unloads them at their destination and signs for them.
 * @param seenUntilMs when the platform last received a reading of that world, epoch milliseconds
 * @returns the number of shipments it tried to close
 */
export async function closeStaleShipments(api: ApiClient, seenUntilMs: number, log: Logger): Promise<number> {
  const old = (await api.list<OpenShipment>("/shipments")).filter(
    ({ status, reference }) => !CLOSED.has(status) && reference?.startsWith(REFERENCE_PREFIX),
  );
  for (const { id, destination_id, stage_since } of old) {
    const at = Math.max(seenUntilMs, Date.parse(stage_since)) + 1_000;
    try {
      if (destination_id !== null) {
        await api.post(`/shipments/${id}/unload`, { location_id: destination_id, at: new Date(at).toISOString() });
      }
      await api.post(`/shipments/${id}/proof-of-delivery`, { name: "Night shift", at: new Date(at + 1).toISOString() });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      log.error({ err: error, shipment: id }, "stale shipment not closed");
    }
  }
  return old.length;
}

import type { ApiClient } from "../platform/api-client.ts";

/** What was planted in the plan of a trip, by ids of shipments. */
export interface PlannedLoad {
  trip: number;
  /** loaded, and not on the plan */
  extra: readonly number[];
  /** on the plan, and left in the yard */
  missing: readonly number[];
}

export interface VerificationScore {
  /** trips that were driven to their end, and are scored */
  trips: number;
  /** units that were planted in their plans */
  planted: number;
  /** of these, those that load verification did not name */
  unnamed: number;
  /** units that it named as missing or extra, and that were not planted */
  falselyNamed: number;
  findings: readonly string[];
}

/** A unit as the API names it. */
interface NamedUnit {
  shipment_id: number | null;
  epc: string | null;
}

/** What load verification says of the first stop of a trip. */
export interface VerifiedLoad extends PlannedLoad {
  named: Record<"missing" | "extra", readonly NamedUnit[]>;
}

/** Whether exactly the planted units were named. */
export function scoreVerification(loads: readonly VerifiedLoad[]): VerificationScore {
  const findings: string[] = [];
  let [planted, unnamed, falselyNamed] = [0, 0, 0];
  for (const load of loads) {
    for (const kind of ["missing", "extra"] as const) {
      const named = new Set(load.named[kind].map(({ shipment_id: id, epc }) => id ?? `tag ${epc}`));
      const wanted = new Set<number | string>(load[kind]);
      const [less, more] = [[...wanted].filter((id) => !named.has(id)), [...named].filter((id) => !wanted.has(id))];
      planted += wanted.size;
      unnamed += less.length;
      falselyNamed += more.length;
      for (const id of less) findings.push(`trip ${load.trip}: shipment ${id} is ${kind}, and is not named`);
      for (const id of more) findings.push(`trip ${load.trip}: ${id} is named as ${kind}, and is not`);
    }
  }
  return { trips: loads.length, planted, unnamed, falselyNamed, findings };
}

type NamedUnits = Record<"missing" | "extra", NamedUnit[]>;

interface Verification {
  stops: { is_final: boolean; load: NamedUnits; unload: NamedUnits }[];
}

/** Reads what the platform says of the loads of trips that were driven to their end. */
export async function readVerification(api: ApiClient, loads: readonly PlannedLoad[]): Promise<VerificationScore> {
  const verified: VerifiedLoad[] = [];
  for (const load of loads) {
    const { status } = await api.get<{ status: string }>(`/trips/${load.trip}`);
    if (status !== "completed") continue;
    const { stops } = await api.get<Verification>(`/trips/${load.trip}/verification`);
    const [first] = stops;
    if (!first?.is_final) continue;
    // What the truck brings back from the trip before is none of this one.
    const { load: loaded, unload: unloaded } = first;
    const [missing, extra] = [
      [...loaded.missing, ...unloaded.missing],
      [...loaded.extra, ...unloaded.extra],
    ];
    verified.push({ ...load, named: { missing, extra } });
  }
  return scoreVerification(verified);
}

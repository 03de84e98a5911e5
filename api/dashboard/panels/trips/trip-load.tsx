import type { Schemas } from "../../../client/index.ts";
import { formatCount } from "../../labels/quantities.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useGet } from "../controls/use-load.ts";

type Stop = Schemas["TripVerification"]["stops"][number];
type Handling = Stop["load"];
type Unit = Handling["read"][number];

export const useVerification = (tripId: number, version: string) => useGet(`/trips/${tripId}/verification`, version);

/** What was to be loaded and unloaded at a stop against what was read there. */
export function StopLoad({ of: stop }: { of: Stop | undefined }) {
  if (stop === undefined) return null;
  return (
    <>
      <Verified what="Loaded" of={stop.load} isFinal={stop.is_final} />
      <Verified what="Unloaded" of={stop.unload} isFinal={stop.is_final} />
    </>
  );
}

function Verified({ what, of: handling, isFinal }: { what: string; of: Handling; isFinal: boolean }) {
  const { expected, read, missing, extra, read_rate: rate } = handling;
  if (expected === 0 && extra.length === 0) return null;
  const isGood = missing.length === 0 && extra.length === 0 && read.length === expected;
  return (
    <div class="verified" role="group" aria-label={`${what}: verification`}>
      <p>
        <span class={`stop-label ${isGood ? "good" : missing.length + extra.length > 0 ? "late" : "plain"}`}>
          {isGood && <span aria-hidden="true">✓ </span>}
          {what} {formatCount(read.length)} of {formatCount(expected)} units
        </span>
        <span class="muted">
          {rate !== null && ` · read rate ${Math.round(rate * 100)} %`}
          {!isFinal && " · the vehicle has not left yet"}
        </span>
      </p>
      <Units label="missing" mark="▲" of={missing} />
      <Units label="extra" mark="!" of={extra} />
    </div>
  );
}

function Units({ label, mark, of: units }: { label: "missing" | "extra"; mark: string; of: readonly Unit[] }) {
  if (units.length === 0) return null;
  return (
    <div class={`verified-units ${label}`}>
      <span aria-hidden="true">{mark} </span>
      {formatCount(units.length)} {label}
      <ul aria-label={label}>
        {units.map((unit) => (
          <li key={`${unit.shipment_id} ${unit.sscc} ${unit.epc}`}>
            <span class="code">{unit.sscc ?? unit.epc ?? "the whole shipment"}</span> <Belongs unit={unit} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Belongs({ unit: { shipment_id: id, tracking_number: number } }: { unit: Unit }) {
  if (id === null) return <span class="muted">of no shipment that is known here</span>;
  return (
    <button
      type="button"
      class="link"
      data-opens={detailKey({ kind: "shipment", id })}
      onClick={() => openDetail({ kind: "shipment", id })}
    >
      {number}
    </button>
  );
}

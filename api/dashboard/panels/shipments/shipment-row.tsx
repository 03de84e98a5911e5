import { currentTime, timeZone } from "../../state/clock.ts";
import type { Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { AppData } from "../../state/app-data.ts";
import { StageMark } from "../../map/stage-mark.tsx";
import { STATUS_LABELS } from "../../labels/status-labels.ts";
import { etaText, PROMISE_LABELS } from "../../labels/eta.ts";
import { formatAge } from "../../labels/times.ts";
import { formatCount } from "../../labels/quantities.ts";
import { ProfileChips } from "./conditions/profile-chips.tsx";
import { RiskChips } from "./risk-chips.tsx";
import { useFlash } from "../controls/use-flash.ts";
import type { useRowKeys } from "../controls/use-row-keys.ts";

interface ShipmentRowProps {
  shipment: Shipment;
  data: AppData;
  opener: ReturnType<typeof useRowKeys>["opener"];
}

/** A shipment as one line of the list, which opens its page. */
export function ShipmentRow({ shipment, data, opener }: ShipmentRowProps) {
  const now = useStore(currentTime);
  const flash = useFlash(data.changes.get(`shipment:${shipment.id}`));
  const destination = data.locations.get(shipment.destination_id ?? 0)?.name;
  const vehicle = data.vehicles.get(shipment.vehicle_id ?? 0)?.name;
  const place = data.locations.get(shipment.location_id ?? 0)?.name;
  const where = useStore(timeZone);
  const { promise } = shipment;
  const eta = etaText(shipment, now, where);
  const detail = { kind: "shipment", id: shipment.id } as const;
  return (
    <li class={flash}>
      <button type="button" class="row" {...opener(detailKey(detail))} onClick={() => openDetail(detail)}>
        <span class="row-main">
          <span class="row-title">{shipment.product_name}</span>
          <span class={`status ${shipment.stage} ${shipment.status}`}>
            <StageMark stage={shipment.stage} /> {STATUS_LABELS[shipment.status]}
          </span>
        </span>
        <span class="row-details">
          <span class="code">{shipment.tracking_number}</span>
          <span>× {formatCount(shipment.quantity)}</span>
          <span class="grow">
            {vehicle ?? place ?? ""}
            {destination !== undefined && destination !== place && ` → ${destination}`}
          </span>
          <ProfileChips shipment={shipment} />
          <span class="age">{formatAge(shipment.stage_since, now)}</span>
        </span>
        {(eta !== null || promise === "late" || promise === "at_risk") && (
          <span class="row-details">
            <span class="grow">{eta}</span>
            {(promise === "late" || promise === "at_risk") && (
              <span class={`promise-tag ${promise}`}>{PROMISE_LABELS[promise]}</span>
            )}
          </span>
        )}
        <RiskChips shipment={shipment} />
      </button>
    </li>
  );
}

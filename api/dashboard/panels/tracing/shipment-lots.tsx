import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { post, remove } from "../../state/client.ts";
import type { Shipment } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { Action } from "../controls/action.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useItems } from "../controls/use-items.ts";
import { useAll } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { DAY_PATTERN } from "./expiry.ts";
import { LotLink } from "./lot-link.tsx";

/** Of which lots the goods of a shipment are. Those in its handling units are stated there. */
export function ShipmentLots({ shipment }: { shipment: Shipment }) {
  const [reads, setReads] = useState(0);
  const isAllowed = useMay(mayHandle);
  const { busy, problem, run } = useWrite();
  const path = `/shipments/${shipment.id}/lots` as const;
  const loaded = useAll(path, `${reads} ${shipment.updated_at}`);
  const lots = loaded?.value ?? [];
  const readAgain = () => setReads((before) => before + 1);
  if (lots.length === 0 && !isAllowed && !loaded?.problem) return null;
  return (
    <section aria-label="Lots">
      <h3>Lots</h3>
      {loaded?.problem && <p class="problem">They could not be loaded: {loaded.problem}</p>}
      <ul class="lines">
        {lots.map(({ id, lot, lot_id: lotId, sscc, quantity }) => (
          <li key={id}>
            <span class="grow">
              {lotId === null ? lot : <LotLink id={lotId} number={lot} />}
              {sscc !== null && <span class="muted"> in {sscc}</span>}
            </span>
            <span class="number">{formatCount(quantity)}</span>
            {isAllowed && sscc === null && (
              <ConfirmButton
                label="Take off"
                question={`None of its goods are of lot ${lot}?`}
                disabled={busy}
                onConfirm={() =>
                  void run(() => remove(`/shipments/${shipment.id}/lots/${id}`)).then((isDone) => isDone && readAgain())
                }
              />
            )}
          </li>
        ))}
      </ul>
      <ProblemText problem={problem} />
      {isAllowed && (
        <Action label="Add a lot">
          {(onDone) => (
            <NewLotForm
              shipment={shipment}
              onAdded={() => {
                onDone();
                readAgain();
              }}
            />
          )}
        </Action>
      )}
    </section>
  );
}

function NewLotForm({ shipment, onAdded }: { shipment: Shipment; onAdded: () => void }) {
  const items = useItems();
  return (
    <RecordForm<Schemas["NewShipmentLot"]>
      label="Add a lot"
      action="Add"
      inline
      fields={[
        ...(shipment.item_id === null
          ? [{ name: "item_id", label: "Product", type: "id", options: items, required: true } as const]
          : []),
        { name: "lot", label: "Lot number", required: true },
        { name: "quantity", label: "Quantity", type: "number", min: 1, required: true },
        { name: "expires_on", label: "Expires on", placeholder: "2027-03-31", pattern: DAY_PATTERN },
      ]}
      onSubmit={(body) => post(`/shipments/${shipment.id}/lots`, body).then(onAdded)}
    />
  );
}

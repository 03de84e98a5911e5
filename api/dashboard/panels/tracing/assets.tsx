import { useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { ASSET_KIND_LABELS } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { post } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { AssetMovement } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useAll, useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { AssetTypes, MoveAssets } from "./asset-forms.tsx";
import { useReads } from "./use-reads.ts";

const MAX_ROWS = 50;

/** Returnable assets: who has how many of them, and what was given and returned. */
export function Assets() {
  const [reads, readAgain] = useReads();
  const [partyId, setPartyId] = useState<number | null>(null);
  const loaded = useAll("/asset-balances?limit=200", reads);
  const balances = loaded?.value ?? [];
  const party = balances.find((each) => each.party_id === partyId);
  return (
    <>
      <MoveAssets version={reads} onChanged={readAgain} />
      <AssetTypes version={reads} onChanged={readAgain} />
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The balances could not be loaded: {loaded.problem}</p>}
      {loaded?.value && balances.length === 0 && (
        <p class="empty">Nobody was given any pallets, crates or containers yet.</p>
      )}
      {balances.length > 0 && (
        <table class="list">
          <caption class="hidden">Balances of returnable assets</caption>
          <thead>
            <tr>
              <th scope="col">Party</th>
              <th scope="col">What</th>
              <th scope="col" class="number">
                Has
              </th>
            </tr>
          </thead>
          <tbody>
            {balances.map((row) => (
              <tr key={`${row.party_id} ${row.asset_type_id}`}>
                <th scope="row">
                  <button
                    type="button"
                    class="link opener"
                    aria-pressed={row.party_id === partyId}
                    onClick={() => setPartyId(row.party_id === partyId ? null : row.party_id)}
                  >
                    {row.party}
                  </button>
                </th>
                <td>
                  {row.asset_type} <span class="kind">{ASSET_KIND_LABELS[row.kind]}</span>
                </td>
                <td class="number">
                  <strong>{formatCount(row.balance)}</strong>
                  <span class="kind">
                    {formatCount(row.given)} given, {formatCount(row.returned)} returned
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <AssetMovements key={partyId} party={party} version={reads} onChanged={readAgain} />
    </>
  );
}

interface MovementsProps {
  /** undefined: of all parties */
  party: { party_id: number; party: string } | undefined;
  version: number;
  onChanged: () => void;
}

function AssetMovements({ party, version, onChanged }: MovementsProps) {
  const query = party === undefined ? "" : `&party_id=${party.party_id}`;
  const loaded = useGet(`/asset-movements?limit=${MAX_ROWS}${query}`, version);
  const assets = useGet(party === undefined ? undefined : `/assets?limit=200&party_id=${party.party_id}`, version);
  if (loaded?.problem) return <p class="problem">The movements could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value || loaded.value.length === 0) return null;
  const serials = assets?.value ?? [];
  return (
    <section class="detail" aria-label="Movements">
      <h3>{party === undefined ? "What was given and returned" : `Given to and returned by ${party.party}`}</h3>
      {serials.length > 0 && (
        <p>
          Has by serial: <span class="code">{serials.map(({ serial }) => serial).join(", ")}</span>
        </p>
      )}
      <ol class="timeline" aria-label="Given and returned">
        {loaded.value.map((movement) => (
          <MovementRow key={movement.id} movement={movement} onChanged={onChanged} />
        ))}
      </ol>
      {loaded.value.length === MAX_ROWS && <p class="empty">The newest {MAX_ROWS} are listed.</p>}
    </section>
  );
}

function MovementRow({ movement, onChanged }: { movement: AssetMovement; onChanged: () => void }) {
  const where = useStore(timeZone);
  const isManager = useMay(mayManage);
  const { id, quantity, serials, reverses, reversed_by: reversedBy } = movement;
  const isGiven = quantity > 0;
  const verb = reverses !== null ? "Taken back" : isGiven ? "Given to" : "Returned by";
  return (
    <li>
      <p>
        <strong>{verb}</strong> {movement.party}: {formatCount(Math.abs(quantity))} {movement.asset_type}
        {serials.length > 0 && <span class="code"> {serials.join(", ")}</span>}
        {reversedBy !== null && <span class="muted"> · taken back</span>}
      </p>
      <p class="muted">
        <time dateTime={movement.at}>{formatDateTime(movement.at, where)}</time>
        {[movement.reference, movement.actor_id && `person ${movement.actor_id}`]
          .filter(Boolean)
          .map((word) => ` · ${word}`)}
      </p>
      {isManager && reverses === null && reversedBy === null && (
        <Action label="Take back">
          {(onDone) => (
            <RecordForm
              label="Take back"
              action="Take back"
              inline
              fields={[{ name: "reason", label: "Why", required: true }]}
              onSubmit={(body) =>
                post(`/asset-movements/${id}/reverse`, body).then(() => {
                  onDone();
                  onChanged();
                })
              }
            />
          )}
        </Action>
      )}
    </li>
  );
}

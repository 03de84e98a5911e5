import type { Schemas } from "../../../client/index.ts";
import { ASSET_KIND_LABELS } from "../../labels/status-labels.ts";
import { formatCount } from "../../labels/quantities.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { AssetType } from "../../state/resources.ts";
import { mayHandle, mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { Action } from "../controls/action.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { RecordForm, type Field } from "../controls/record-form.tsx";
import { choicesOf } from "../controls/use-items.ts";
import { useAll, useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";

interface Props {
  version: number;
  onChanged: () => void;
}

const MAX_PARTIES = 5000;
const KINDS = Object.entries(ASSET_KIND_LABELS);
const DIRECTIONS = [
  ["given", "given to"],
  ["returned", "returned by"],
] as const;

/** Scanned codes stand one after the other in the field, with commas. */
type MoveForm = Schemas["NewAssetMovement"];

/** Records what was given to a party or returned by it. */
export function MoveAssets({ version, onChanged }: Props) {
  const isHandler = useMay(mayHandle);
  const types = useAll("/asset-types?limit=200", version)?.value ?? [];
  if (!isHandler || types.length === 0) return null;
  return (
    <Action label="Give or take back">
      {(onDone) => (
        <MoveForm
          types={types}
          onChanged={() => {
            onDone();
            onChanged();
          }}
        />
      )}
    </Action>
  );
}

function MoveForm({ types, onChanged }: { types: readonly AssetType[]; onChanged: () => void }) {
  const { locations } = useStore(appData);
  const parties = useLoad("all parties", null, (signal) => getAll("/parties?limit=200", MAX_PARTIES, signal));
  return (
    <RecordForm<MoveForm>
      label="Give or take back"
      action="Record"
      inline
      fields={[
        { name: "direction", label: "What", options: DIRECTIONS, required: true, value: "given" },
        {
          name: "party_id",
          label: "Party",
          type: "id",
          options: choicesOf(parties?.value?.rows ?? []),
          required: true,
        },
        { name: "asset_type_id", label: "Type", type: "id", options: choicesOf(types) },
        { name: "quantity", label: "How many", type: "number", min: 1 },
        { name: "assets", label: "Serials or scanned GRAIs, with commas", type: "words" },
        { name: "location_id", label: "From or to our place", type: "id", options: choicesOf(locations.values()) },
        { name: "reference", label: "Delivery note" },
      ]}
      onSubmit={(body) => post("/asset-movements", body).then(onChanged)}
    />
  );
}

const typeFields = (type?: AssetType): Field<keyof Schemas["NewAssetType"]>[] => [
  { name: "name", label: "Name", required: true, value: type?.name },
  { name: "kind", label: "Kind", options: KINDS, required: true, value: type?.kind },
  { name: "grai", label: "GRAI, 13 digits", value: type?.grai },
  { name: "value_cents", label: "Value of one, cents", type: "number", min: 0, value: type?.value_cents },
  { name: "currency", label: "Currency", placeholder: "EUR", value: type?.currency },
];

/** The types of assets: managers add, change and remove them. */
export function AssetTypes({ version, onChanged }: Props) {
  const isManager = useMay(mayManage);
  const loaded = useAll("/asset-types?limit=200", version);
  if (!isManager) return null;
  return (
    <Action label="Types of assets">
      {() => (
        <>
          {loaded?.problem && <p class="problem">They could not be loaded: {loaded.problem}</p>}
          <ul class="lines">
            {(loaded?.value ?? []).map((type) => (
              <AssetTypeRow key={type.id} type={type} onChanged={onChanged} />
            ))}
          </ul>
          <RecordForm<Schemas["NewAssetType"]>
            label="New type"
            action="Add"
            inline
            empties
            fields={typeFields()}
            onSubmit={(body) => post("/asset-types", body).then(onChanged)}
          />
        </>
      )}
    </Action>
  );
}

function AssetTypeRow({ type, onChanged }: { type: AssetType; onChanged: () => void }) {
  const { busy, problem, run } = useWrite();
  return (
    <li>
      <div class="grow">
        {type.name}{" "}
        <span class="muted">
          {ASSET_KIND_LABELS[type.kind]}
          {type.grai !== null && ` · ${type.grai}`} · {formatCount(type.out)} out
        </span>
        <Action label={`Change ${type.name}`}>
          {(onDone) => (
            <>
              <RecordForm<Schemas["AssetTypeChange"]>
                label={`Change ${type.name}`}
                action="Save"
                inline
                isChange
                fields={typeFields(type)}
                onSubmit={(change) =>
                  put(`/asset-types/${type.id}`, change).then(() => {
                    onDone();
                    onChanged();
                  })
                }
              />
              <ConfirmButton
                label="Remove"
                question={`Remove ${type.name}?`}
                disabled={busy}
                onConfirm={() =>
                  void run(() => remove(`/asset-types/${type.id}`)).then((isDone) => isDone && onChanged())
                }
              />
              <ProblemText problem={problem} />
            </>
          )}
        </Action>
      </div>
    </li>
  );
}

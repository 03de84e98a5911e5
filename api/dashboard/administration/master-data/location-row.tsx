import type { Schemas } from "../../../client/index.ts";
import { LOCATION_KIND_LABELS, STAGE_LABELS } from "../../labels/status-labels.ts";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";
import { Attachments } from "../../panels/custom/attachments.tsx";
import { withCustom } from "../../panels/custom/custom-fields.ts";
import { put, remove } from "../../state/client.ts";
import { EntryRow } from "../entry-row.tsx";
import { Removal } from "../removal.tsx";

interface LocationRowProps {
  place: Schemas["Location"];
  depth: number;
  /** shown where the tree does not show it */
  path: string | null;
  /** undefined: nothing lies in it */
  folding: { children: number; isOpen: boolean; toggle: () => void } | undefined;
  fields: () => FieldsOf<Schemas["NewLocation"] & Schemas["LocationChange"]>;
  onChanged: () => void;
}

/** A location in the tree: it can be unfolded, changed and, while nothing refers to it, removed. */
export function LocationRow({ place, depth, path, folding, fields, onChanged }: LocationRowProps) {
  const { id, name, stage, kind } = place;
  const words = [stage && STAGE_LABELS[stage], kind && LOCATION_KIND_LABELS[kind]].filter((word) => word !== null);
  return (
    <EntryRow
      id={id}
      who={name}
      whoNote={path === name ? null : path}
      what={words.length === 0 ? "no stage" : words.join(", ")}
      whatNote={folding === undefined ? null : `${folding.children} in it`}
      states={null}
      tree={{
        depth,
        fold: folding && (
          <button
            type="button"
            class="fold"
            aria-expanded={folding.isOpen}
            aria-label={`Contents of ${name}`}
            onClick={folding.toggle}
          >
            {folding.isOpen ? "−" : "+"}
          </button>
        ),
      }}
    >
      {() => (
        <>
          <RecordForm<Schemas["NewLocation"] & Schemas["LocationChange"]>
            // Drawn anew with what the server has.
            key={place.updated_at}
            label={`Change ${name}`}
            action="Save"
            isChange
            fields={fields()}
            onSubmit={async (change) => {
              await put(`/locations/${id}`, withCustom(change, place));
              onChanged();
            }}
          />
          <Attachments of={`/locations/${id}`} mayChange />
          <Removal question="Remove this location?" remove={() => remove(`/locations/${id}`)} onChanged={onChanged} />
        </>
      )}
    </EntryRow>
  );
}

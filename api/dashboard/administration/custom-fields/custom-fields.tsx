import type { Schemas } from "../../../client/index.ts";
import type { CustomField, Thing } from "../../panels/custom/custom-fields.ts";
import { type FieldsOf, type FieldValues, RecordForm } from "../../panels/controls/record-form.tsx";
import { getAll, post, put, remove } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { Removal } from "../removal.tsx";

type NewField = Schemas["NewCustomField"];
type FieldChange = Schemas["CustomFieldChange"];

const THINGS: Record<Thing, string> = {
  items: "Products",
  locations: "Locations",
  parties: "Parties",
  shipments: "Shipments",
  vehicles: "Vehicles",
};
const TYPES: Record<CustomField["type"], string> = {
  text: "text",
  number: "number",
  date: "day",
  boolean: "yes or no",
  choice: "choice",
};
const ORDER = Object.keys(THINGS);

/** The fields that this installation adds to its things. */
export const CustomFields = () => (
  <EntryPage
    label="Fields"
    intro="Fields of your own for products, locations, parties, shipments and vehicles. They stand in the forms and on the pages of these, and lists are filtered by them."
    empty="No field has been added yet."
    of="custom-fields"
    load={async (signal) => {
      const { rows } = await getAll(`/custom-fields?${PAGE_QUERY}`, MAX_ROWS, signal);
      return { rows: rows.toSorted((a, b) => ORDER.indexOf(a.thing) - ORDER.indexOf(b.thing) || a.id - b.id) };
    }}
    adding={[
      {
        label: "Add a field",
        form: (onDone) => (
          <RecordForm<NewField>
            label="Add a field"
            action="Add"
            fields={newFields}
            onSubmit={async (body) => {
              await post("/custom-fields", withoutEmpty(body));
              onDone();
            }}
          />
        ),
      },
    ]}
  >
    {({ rows }, onChanged) => rows.map((field) => <FieldRow key={field.id} field={field} onChanged={onChanged} />)}
  </EntryPage>
);

function FieldRow({ field, onChanged }: { field: CustomField; onChanged: () => void }) {
  const { id, thing, name, label, type, required, unit, choices } = field;
  return (
    <EntryRow
      id={id}
      who={label}
      whoNote={name}
      what={THINGS[thing]}
      whatNote={type === "choice" ? `choice: ${choices.join(", ")}` : [TYPES[type], unit].filter(Boolean).join(", ")}
      states={required && <span class="state">required</span>}
    >
      {() => (
        <>
          <RecordForm<FieldChange>
            // Drawn anew with what the server has.
            key={field.updated_at}
            label={`Change ${label}`}
            action="Save"
            isChange
            fields={changeFields(field)}
            onSubmit={async (body) => {
              await put(`/custom-fields/${id}`, withoutEmpty(body));
              onChanged();
            }}
          />
          <Removal question="Remove this field?" remove={() => remove(`/custom-fields/${id}`)} onChanged={onChanged} />
        </>
      )}
    </EntryRow>
  );
}

const detailFields = (type: string | undefined, field?: CustomField): FieldsOf<FieldChange> => [
  { name: "label", label: "What people read", required: true, value: field?.label, placeholder: "Shelf life" },
  { name: "required", label: "Required", type: "boolean", required: true, value: String(field?.required ?? false) },
  ...(type === "number" ? [{ name: "unit" as const, label: "Unit", placeholder: "days", value: field?.unit }] : []),
  ...(type === "choice"
    ? [
        {
          ...{ name: "choices" as const, label: "Choices, parted by commas", type: "words" as const, required: true },
          value: field?.choices.join(", "),
        },
      ]
    : []),
];

const newFields = (chosen: FieldValues): FieldsOf<NewField> => [
  { name: "thing", label: "Of what", options: Object.entries(THINGS), required: true },
  { name: "type", label: "Type", options: Object.entries(TYPES), required: true },
  {
    name: "name",
    label: "Name in the API and in files",
    required: true,
    pattern: "[a-z][a-z0-9_]*",
    placeholder: "shelf_life",
  },
  ...detailFields(chosen["type"]),
];

const changeFields = (field: CustomField): FieldsOf<FieldChange> => detailFields(field.type, field);

/** Choices without the empty ones that a comma at the end makes. */
function withoutEmpty<Body extends FieldChange>(body: Body): Body {
  return body.choices === undefined ? body : { ...body, choices: body.choices.filter((choice) => choice !== "") };
}

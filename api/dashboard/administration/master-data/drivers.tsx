import type { Schemas } from "../../../client/index.ts";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";
import { getAll, post, put, remove } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { Removal } from "../removal.tsx";

type Driver = Schemas["Driver"];

const fieldsOf = (driver?: Driver): FieldsOf<Schemas["NewDriver"]> => [
  { name: "name", label: "Name", required: true, value: driver?.name },
  { name: "phone", label: "Phone", value: driver?.phone },
  { name: "token", label: "Card or iButton number", value: driver?.token },
];

/** People who drive; trips name them. */
export const Drivers = () => (
  <EntryPage
    label="Drivers"
    intro="Trips name who drives. A driver signs on with a card or iButton at the vehicle's reader, or scans the card with the vehicle's scanner."
    empty="There is no driver yet."
    of="driver"
    load={async (signal) => {
      const { rows } = await getAll(`/drivers?${PAGE_QUERY}`, MAX_ROWS, signal);
      return { rows: rows.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })) };
    }}
    adding={[
      {
        label: "Add a driver",
        form: (onDone) => (
          <RecordForm<Schemas["NewDriver"]>
            label="Add a driver"
            action="Add"
            fields={fieldsOf()}
            onSubmit={async (body) => {
              await post("/drivers", body);
              onDone();
            }}
          />
        ),
      },
    ]}
  >
    {({ rows }, onChanged) =>
      rows.map((driver) => (
        <EntryRow
          key={driver.id}
          id={driver.id}
          who={driver.name}
          whoNote={driver.phone}
          what={driver.token ?? "no card"}
          whatNote={null}
          states={null}
        >
          {() => (
            <>
              <RecordForm<Schemas["DriverChange"]>
                key={driver.updated_at}
                label={`Change ${driver.name}`}
                action="Save"
                isChange
                fields={fieldsOf(driver)}
                onSubmit={async (change) => {
                  await put(`/drivers/${driver.id}`, change);
                  onChanged();
                }}
              />
              <Removal
                question="Remove this driver?"
                remove={() => remove(`/drivers/${driver.id}`)}
                onChanged={onChanged}
              />
            </>
          )}
        </EntryRow>
      ))
    }
  </EntryPage>
);

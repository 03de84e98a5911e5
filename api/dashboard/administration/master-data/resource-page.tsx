import { ExportLink } from "../../panels/controls/export-link.tsx";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";
import { Attachments, type AttachmentsOf } from "../../panels/custom/attachments.tsx";
import { type Custom, formFields, useCustomFields, withCustom } from "../../panels/custom/custom-fields.ts";
import type { List } from "../../state/client.ts";
import { EntryPage } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { Removal } from "../removal.tsx";

interface Row extends Custom {
  id: number;
  name: string;
  updated_at: string;
}

/** Requests to the API. */
export interface Requests<R extends Row, New extends object, Change extends object> {
  list: (signal: AbortSignal) => Promise<List<R>>;
  add: (body: New) => Promise<unknown>;
  change: (id: number, body: Change) => Promise<unknown>;
  remove: (id: number) => Promise<void>;
}

interface ResourcePageProps<R extends Row, New extends object, Change extends object> {
  requests: Requests<R, New, Change>;
  /** its path */
  thing: "items" | "parties" | "vehicles";
  /** the address of all of them as a file */
  file: `/exports/${string}`;
  /** one of them, in words */
  noun: string;
  label: string;
  intro: string;
  /** of a row; without one, of something new */
  fields: (row: R | undefined, rows: readonly R[]) => FieldsOf<New & Change>;
  /** below the name */
  note?: (row: R) => string | null;
  what: (row: R) => string;
  whatNote?: (row: R, rows: readonly R[]) => string | null;
}

/** A list of master data: each row can be changed and, while nothing refers to it, removed. */
export function ResourcePage<R extends Row, New extends object, Change extends object>(
  props: ResourcePageProps<R, New, Change>,
) {
  const { requests, thing, file, noun, label, intro, fields, note, what, whatNote } = props;
  const custom = useCustomFields(thing);
  const fieldsOf = (row: R | undefined, rows: readonly R[]): FieldsOf<New & Change> => [
    ...fields(row, rows),
    ...formFields<New & Change>(custom, row),
  ];
  return (
    <EntryPage
      label={label}
      intro={intro}
      empty={`There is no ${noun} yet.`}
      of={noun}
      load={async (signal) => {
        const { rows } = await requests.list(signal);
        return { rows: rows.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })) };
      }}
      before={() => (
        <p class="list-tools">
          <ExportLink href={file} />
        </p>
      )}
      adding={[
        {
          label: `Add a ${noun}`,
          form: (onDone, { rows }) => (
            <RecordForm<New & Change>
              label={`Add a ${noun}`}
              action="Add"
              fields={fieldsOf(undefined, rows)}
              onSubmit={async (body) => {
                await requests.add(withCustom(body, undefined));
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows }, onChanged) =>
        rows.map((row) => (
          <EntryRow
            key={row.id}
            id={row.id}
            who={row.name}
            whoNote={note?.(row) ?? null}
            what={what(row)}
            whatNote={whatNote?.(row, rows) ?? null}
            states={null}
          >
            {() => (
              <>
                <RecordForm<New & Change>
                  // Drawn anew with what the server has.
                  key={row.updated_at}
                  label={`Change ${row.name}`}
                  action="Save"
                  isChange
                  fields={fieldsOf(row, rows)}
                  onSubmit={async (change) => {
                    await requests.change(row.id, withCustom(change, row));
                    onChanged();
                  }}
                />
                <Attachments of={`/${thing}/${row.id}` as AttachmentsOf} mayChange />
                <Removal
                  question={`Remove this ${noun}?`}
                  remove={() => requests.remove(row.id)}
                  onChanged={onChanged}
                />
              </>
            )}
          </EntryRow>
        ))
      }
    </EntryPage>
  );
}

import { useState } from "preact/hooks";
import { put } from "../../state/client.ts";
import { mayHandle, mayManage } from "../../state/roles.ts";
import { Action } from "../controls/action.tsx";
import { Facts } from "../controls/facts.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { Attachments } from "./attachments.tsx";
import { type Custom, type CustomField, formFields, type Thing, useCustomFields, withCustom } from "./custom-fields.ts";

interface CustomFactsProps {
  thing: Thing;
  id: number;
  /** of what the page shows: it is read again when this changes */
  changedAt?: string;
}

function wordsOf({ type, unit }: CustomField, value: string | number | boolean): string {
  if (type === "boolean") return value === true ? "yes" : "no";
  return unit === null ? String(value) : `${value} ${unit}`;
}

/** On the page of a thing: its tags, its custom fields, its pictures and files; and the forms for those who may change it. */
export function CustomFacts({ thing, id, changedAt }: CustomFactsProps) {
  const [version, setVersion] = useState(0);
  // All of them have both; the types are those of one.
  const path = `/${thing}/${id}` as `/items/${number}`;
  const loaded = useGet(path, `${version} ${changedAt}`);
  const fields = useCustomFields(thing);
  const may = useMay(thing === "shipments" ? mayHandle : mayManage);
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">Fields and tags could not be loaded: {loaded.problem}</p>;
  const now: Custom = loaded.value;
  return (
    <section class="custom" aria-label="Fields, tags and files">
      <TagList tags={now.tags} />
      {Object.keys(now.attributes).length > 0 && (
        <Facts
          of={fields.map((field) => {
            const value = now.attributes[field.name];
            return [field.label, value === undefined ? null : wordsOf(field, value)];
          })}
        />
      )}
      {may && (
        <Action label={fields.length === 0 ? "Change its tags" : "Change its fields and tags"}>
          {(onDone) => (
            <RecordForm<Partial<Custom>>
              label="Fields and tags"
              action="Save"
              inline
              isChange
              fields={formFields(fields, now)}
              onSubmit={async (body) => {
                await put(path, withCustom(body, now));
                setVersion((before) => before + 1);
                onDone();
              }}
            />
          )}
        </Action>
      )}
      <Attachments of={`/${thing}/${id}`} mayChange={may} />
    </section>
  );
}

function TagList({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <ul class="tag-list" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  );
}

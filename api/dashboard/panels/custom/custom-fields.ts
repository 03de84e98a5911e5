// The fields that an installation has added to its things, and tags, in forms.
import type { Schemas } from "../../../client/index.ts";
import { getAll } from "../../state/client.ts";
import { useLoad } from "../controls/use-load.ts";
import type { Field, FieldsOf } from "../controls/record-form.tsx";

export type Thing = Schemas["CustomField"]["thing"];
export type CustomField = Schemas["CustomField"];

/** What each kind of thing has. */
export interface Custom {
  attributes: Schemas["Item"]["attributes"];
  tags: string[];
}

/** Each kind of thing has fewer. */
const MAX_FIELDS = 200;
/** In a form the fields stand beside those of the thing itself. */
const PREFIX = "attributes.";

/** The fields of a kind of thing; none while they are loaded. */
export function useCustomFields(thing: Thing): readonly CustomField[] {
  const loaded = useLoad(`custom fields ${thing}`, null, (signal) =>
    getAll(`/custom-fields?thing=${thing}&limit=200`, MAX_FIELDS, signal),
  );
  return loaded?.value?.rows ?? [];
}

function typeOf({ type }: CustomField): Pick<Field, "type"> {
  if (type === "number" || type === "date" || type === "boolean") return { type };
  return {};
}

/** Form fields for tags and attributes, to be spread among those of the thing; `withCustom` reads them. */
export function formFields<Body extends object>(
  fields: readonly CustomField[],
  now: Custom | undefined,
): FieldsOf<Body> {
  const all: Field[] = [
    {
      name: "tags",
      label: "Tags, parted by commas",
      type: "words",
      placeholder: "fragile",
      value: now?.tags.join(", "),
    },
    ...fields.map((field) => ({
      name: `${PREFIX}${field.name}`,
      label: field.unit === null ? field.label : `${field.label}, ${field.unit}`,
      ...typeOf(field),
      ...(field.type === "choice" && { options: field.choices.map((choice) => [choice, choice] as const) }),
      required: field.required,
      value: now?.attributes[field.name],
    })),
  ];
  return all as unknown as FieldsOf<Body>;
}

/** The body of a request, of what a form with such fields gives. Attributes are replaced as a whole, so those that stay are sent too. */
export function withCustom<Body extends object>(given: Body, now: Custom | undefined): Body {
  const body: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith(PREFIX)) attributes[name.slice(PREFIX.length)] = value;
    else body[name] = value;
  }
  if (Object.keys(attributes).length > 0) body["attributes"] = { ...now?.attributes, ...attributes };
  if ("tags" in body) body["tags"] = ((body["tags"] ?? []) as string[]).filter((tag) => tag !== "");
  return body as Body;
}

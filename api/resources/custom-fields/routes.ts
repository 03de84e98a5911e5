import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import { ADMINISTRATION, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { created, list, noContent, ok } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import { countFieldsOf, getCustomField, isInUse, listCustomFields } from "./queries.ts";
import { type CustomField, customField, customFieldChange, newCustomField, thing } from "./schema.ts";

const tag = "Custom fields";
const TABLE = "custom_fields";
const DETAILS = ["label", "required", "unit", "choices"];
/** A thing with more would not fit on a page, nor into a row. */
const MAX_FIELDS = 100;

const audited = { table: TABLE, read: (client: PoolClient, { id }: { id: number }) => getCustomField(client, id) };

/** The fields that an installation adds to its things: which there are, and what may stand in them. */
export function registerCustomFields(endpoints: Endpoints): void {
  endpoints.read(
    {
      route: "GET /custom-fields",
      access: SIGNED_IN,
      tag,
      summary:
        "List the custom fields: what `attributes` of items, locations, parties, shipments and vehicles may hold",
      query: z.strictObject({ thing: thing.optional(), ...pageParameters }),
      response: z.array(customField),
    },
    async ({ query: { thing, cursor, limit }, c, db }) =>
      list(pageById(await listCustomFields(db, { thing, after: idAfter(cursor), limit: limit + 1 }), limit), c.req.url),
  );
  endpoints.mutate(
    {
      route: "POST /custom-fields",
      access: ADMINISTRATION,
      tag,
      summary: `Add a custom field; up to ${MAX_FIELDS} for each kind of thing`,
      body: newCustomField,
      response: customField,
      status: 201,
      problems: { 409: "there is a field of this name, or there are too many" },
    },
    async ({ body, c }, client) => {
      // Two requests at once must not both find the name free.
      await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock custom fields'))");
      if ((await countFieldsOf(client, body.thing)) >= MAX_FIELDS)
        throw new Problem(409, `${body.thing} have ${MAX_FIELDS} fields, which is the most`);
      await assertNewName(client, body);
      const id = await insertRow(client, TABLE, body, ["thing", "name", "type", ...DETAILS]);
      return created(await getCustomField(client, id), c.req.url);
    },
  );
  endpoints.read(
    {
      route: "GET /custom-fields/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one custom field",
      params: idParams,
      response: customField,
    },
    async ({ params, db }) => ok(await getCustomField(db, params.id)),
  );
  endpoints.mutate(
    {
      route: "PUT /custom-fields/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Change what a custom field is called, whether it is required, its unit or its choices",
      params: idParams,
      body: customFieldChange,
      response: customField,
      audited,
      problems: { 409: "a choice that is to go is in use" },
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, "custom field");
      const field = await getCustomField(client, params.id);
      if (body.unit && field.type !== "number") throw invalid("/unit", "only a number has a unit");
      if (body.choices !== undefined) await assertChoices(client, field, body.choices);
      await updateRow(client, TABLE, params.id, body, DETAILS);
      return ok(await getCustomField(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /custom-fields/{id}",
      access: ADMINISTRATION,
      tag,
      summary: "Remove a custom field that nothing has a value of",
      params: idParams,
      status: 204,
      audited,
      problems: { 409: "something has a value of it" },
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, TABLE, params.id, "custom field");
      const field = await getCustomField(client, params.id);
      if (await isInUse(client, field))
        throw new Problem(409, `${field.thing} have values of ${field.name}: take these away first`);
      await deleteRow(client, TABLE, params.id);
      return noContent;
    },
  );
}

async function assertNewName(client: PoolClient, { thing, name }: Pick<CustomField, "thing" | "name">): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM custom_fields WHERE thing = $1 AND name = $2", [thing, name]);
  if (rowCount === 0) return;
  const message = `${thing} have a field ${name} already`;
  throw new Problem(409, message, { errors: [{ pointer: "/name", message }] });
}

async function assertChoices(client: PoolClient, field: CustomField, choices: readonly string[]): Promise<void> {
  if (field.type !== "choice") throw invalid("/choices", "only a choice has choices");
  const gone = field.choices.filter((choice) => !choices.includes(choice));
  if (gone.length === 0 || !(await isInUse(client, field, choices))) return;
  const message = `${field.thing} have values that would no longer be a choice: among ${gone.join(", ")}`;
  throw new Problem(409, message, { errors: [{ pointer: "/choices", message }] });
}

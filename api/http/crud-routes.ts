import { z } from "@hono/zod-openapi";
import type { PoolClient } from "pg";
import type { Reader } from "../auth/limits.ts";
import type { Access, Role } from "../auth/roles.ts";
import type { Endpoints } from "./endpoint.ts";
import { idParams } from "./fields.ts";
import { idAfter, pageById, pageParameters } from "./paging.ts";
import { lockRowIfMatch } from "./preconditions.ts";
import { found, type Problem } from "./problem.ts";
import { created, list, noContent, ok, okLive, type Versioned } from "./response.ts";
import { deleteRow, insertRow, updateRow } from "./rows.ts";

export interface ListFilter {
  /** id of the last row on the page before */
  after: number | undefined;
  q: string | undefined;
  limit: number;
  /** by the names of `CrudResource.filters`, validated */
  filters: Readonly<Record<string, unknown>>;
}

/** A change of a row; `id: null`: a new one. */
export interface RowChange {
  id: number | null;
  change: Readonly<Record<string, unknown>>;
}

/** A resource whose row is its whole state: nothing follows from it but the row itself. */
export interface CrudResource<R extends { id: number }> {
  /** the table, which is also the path */
  table: "locations" | "items" | "vehicles" | "parties" | "drivers";
  /** one of them, in words */
  noun: string;
  /** columns that clients may set, named like the fields of the body */
  columns: readonly string[];
  access: { read: Access; write: Access };
  schemas: { response: z.ZodType; create: z.ZodObject; change: z.ZodObject };
  /** query parameters of its list besides `q` and paging */
  filters?: Readonly<Record<string, z.ZodType>>;
  /** `id: null`: a new row. @throws Problem when the change would contradict other rows */
  checkChange?(client: PoolClient, id: number | null, change: Readonly<Record<string, unknown>>): Promise<void>;
  /** the same of many at once, for imports; without it they are checked one by one. @returns a problem for each that has one */
  checkChanges?(client: PoolClient, changes: readonly RowChange[]): Promise<(Problem | undefined)[]>;
  /** called within the transaction when a row has changed: others may show parts of it */
  afterChange?(client: PoolClient, id: number): Promise<void>;
  find(db: Reader, id: number): Promise<Versioned<R> | undefined>;
  /** a part of it changes without its version */
  isLive?(row: R): boolean;
  /** @param role of who asks */
  list(db: Reader, filter: ListFilter, role: Role): Promise<Versioned<R>[]>;
  /** what this role sees of it; without it everybody sees all */
  shownTo?(row: Versioned<R>, role: Role): Versioned<R>;
}

const listParameters = {
  q: z.string().max(255).optional().describe("text in the name, or an exact code"),
  ...pageParameters,
};

/** Registers the five routes of a resource: list, add, get, change and remove. */
export function registerCrudRoutes<R extends { id: number }>(endpoints: Endpoints, resource: CrudResource<R>): void {
  const { table, noun, columns, access, schemas, filters } = resource;
  const tag = table[0]!.toUpperCase() + table.slice(1);
  const audited = {
    table,
    read: (client: PoolClient, { id }: { id: number }) => resource.find(client, id),
  };
  const get = async (db: Reader, id: number): Promise<Versioned<R>> => found(await resource.find(db, id), noun);

  endpoints.read(
    {
      route: `GET /${table}`,
      access: access.read,
      tag,
      summary: `List ${table}`,
      query: z.strictObject({ ...filters, ...listParameters }),
      response: z.array(schemas.response),
    },
    async ({ query, principal: { role }, c, db }) => {
      const { q, limit, cursor, ...filters } = query;
      const rows = await resource.list(db, { after: idAfter(cursor), q, limit: limit + 1, filters }, role);
      const page = pageById(rows, limit);
      return list({ ...page, rows: page.rows.map((row) => resource.shownTo?.(row, role) ?? row) }, c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: `POST /${table}`,
      access: access.write,
      tag,
      summary: `Add a ${noun}`,
      body: schemas.create,
      response: schemas.response,
      status: 201,
    },
    async ({ body, c }, client) => {
      await resource.checkChange?.(client, null, body);
      return created(await get(client, await insertRow(client, table, body, columns)), c.req.url);
    },
  );
  endpoints.read(
    {
      route: `GET /${table}/{id}`,
      access: access.read,
      tag,
      summary: `Get one ${noun}`,
      params: idParams,
      response: schemas.response,
    },
    async ({ params, principal: { role }, db }) => {
      const row = await get(db, params.id);
      const shown = resource.shownTo?.(row, role) ?? row;
      return resource.isLive?.(row) ? okLive(shown) : ok(shown);
    },
  );
  endpoints.mutate(
    {
      route: `PUT /${table}/{id}`,
      access: access.write,
      tag,
      summary: `Change a ${noun}; fields left out keep their value`,
      params: idParams,
      body: schemas.change,
      response: schemas.response,
      audited,
    },
    async ({ params, body, c }, client) => {
      await lockRowIfMatch(c, client, table, params.id, noun);
      await resource.checkChange?.(client, params.id, body);
      await updateRow(client, table, params.id, body, columns);
      await resource.afterChange?.(client, params.id);
      return ok(await get(client, params.id));
    },
  );
  endpoints.mutate(
    {
      route: `DELETE /${table}/{id}`,
      access: access.write,
      tag,
      summary: `Remove a ${noun} that nothing refers to`,
      params: idParams,
      status: 204,
      audited,
    },
    async ({ params, c }, client) => {
      await lockRowIfMatch(c, client, table, params.id, noun);
      await deleteRow(client, table, params.id);
      return noContent;
    },
  );
}

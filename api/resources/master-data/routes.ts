import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import type { RouteName } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { holdExpected } from "../../http/preconditions.ts";
import { idAfter, pageOf, pageParameters } from "../../http/paging.ts";
import { invalid, notFound } from "../../http/problem.ts";
import { list, nothingToSay, resource, type Stored } from "../../http/response.ts";
import { deleteRow, insertRow, updateRow } from "../../http/rows.ts";
import {
  findItem,
  findLocation,
  findVehicle,
  isWithin,
  listItems,
  listLocations,
  listVehicles,
  type MasterDataFilter,
} from "./queries.ts";
import { item, itemChange, newItem } from "./catalogue-schema.ts";
import { idParams } from "../../http/fields.ts";
import { location, locationChange, newLocation, newVehicle, vehicle, vehicleChange } from "./places-schema.ts";

/** A resource that people maintain: five routes, all alike. */
interface MasterData<R extends { id: number }> {
  table: "locations" | "items" | "vehicles";
  what: string;
  columns: readonly string[];
  schemas: { answer: z.ZodType; create: z.ZodObject; change: z.ZodObject };
  /** @throws Problem when a change would contradict other rows */
  refuse?(client: PoolClient, id: number, change: Readonly<Record<string, unknown>>): Promise<void>;
  find(db: Pool | PoolClient, id: number): Promise<Stored<R> | undefined>;
  list(db: Pool, filter: MasterDataFilter): Promise<Stored<R>[]>;
}

const listQuery = z.strictObject({ q: z.string().max(255).optional().describe("text in its name"), ...pageParameters });

function registerMasterData<R extends { id: number }>(endpoints: Endpoints, pool: Pool, kind: MasterData<R>): void {
  const { table, what, columns, schemas } = kind;
  const route = (method: string, path = ""): RouteName => `${method} /${table}${path}` as RouteName;
  const tag = table[0]!.toUpperCase() + table.slice(1);

  async function shown(db: Pool | PoolClient, id: number): Promise<Stored<R>> {
    const row = await kind.find(db, id);
    if (!row) throw notFound(what);
    return row;
  }

  endpoints.read(
    { route: route("GET"), tag, summary: `List ${table}`, query: listQuery, answer: z.array(schemas.answer) },
    async ({ query, c }) => {
      const { q, limit } = query;
      const rows = await kind.list(pool, { after: idAfter(query.cursor), q, limit: limit + 1 });
      return list(
        pageOf(rows, limit, ({ id }) => [id]),
        c.req.url,
      );
    },
  );
  endpoints.change(
    { route: route("POST"), tag, summary: `Add a ${what}`, body: schemas.create, answer: schemas.answer, status: 201 },
    async ({ body, c }, client) => {
      const id = await insertRow(client, table, body, columns);
      const reply = resource(await shown(client, id), 201);
      return { ...reply, headers: { ...reply.headers, Location: `${new URL(c.req.url).pathname}/${id}` } };
    },
  );
  endpoints.read(
    { route: route("GET", "/{id}"), tag, summary: `One ${what}`, params: idParams, answer: schemas.answer },
    async ({ params }) => resource(await shown(pool, params.id)),
  );
  endpoints.change(
    {
      route: route("PUT", "/{id}"),
      tag,
      summary: `Change a ${what}; fields left out stay as they are`,
      params: idParams,
      body: schemas.change,
      answer: schemas.answer,
    },
    async ({ params, body, c }, client) => {
      await holdExpected(c, client, table, params.id, what);
      await kind.refuse?.(client, params.id, body);
      await updateRow(client, table, params.id, body, columns);
      return resource(await shown(client, params.id));
    },
  );
  endpoints.change(
    {
      route: route("DELETE", "/{id}"),
      tag,
      summary: `Remove a ${what} that is not in use`,
      params: idParams,
      status: 204,
    },
    async ({ params, c }, client) => {
      await holdExpected(c, client, table, params.id, what);
      await deleteRow(client, table, params.id);
      return nothingToSay;
    },
  );
}

export function registerPlacesAndCatalogue(endpoints: Endpoints, pool: Pool): void {
  registerMasterData(endpoints, pool, {
    table: "locations",
    what: "location",
    columns: ["name", "stage", "parent_id", "time_zone", "geofence", "capacity_units"],
    schemas: { answer: location, create: newLocation, change: locationChange },
    async refuse(client, id, { parent_id: parentId }) {
      if (typeof parentId === "number" && (await isWithin(client, parentId, id))) {
        throw invalid("/parent_id", "a location cannot lie within itself");
      }
    },
    find: findLocation,
    list: listLocations,
  });
  registerMasterData(endpoints, pool, {
    table: "items",
    what: "item",
    columns: [
      "sku",
      "name",
      "gtin",
      "barcode",
      "base_unit",
      "packs",
      "unit_weight_grams",
      "value_cents",
      "currency",
      "supplier_id",
    ],
    schemas: { answer: item, create: newItem, change: itemChange },
    find: findItem,
    list: listItems,
  });
  registerMasterData(endpoints, pool, {
    table: "vehicles",
    what: "vehicle",
    columns: ["name", "plate"],
    schemas: { answer: vehicle, create: newVehicle, change: vehicleChange },
    find: findVehicle,
    list: listVehicles,
  });
}

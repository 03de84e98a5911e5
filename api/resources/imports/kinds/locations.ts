import type { Versioned } from "../../../http/response.ts";
import { findLocationsNamed, listLocations } from "../../locations/queries.ts";
import { LOCATIONS } from "../../locations/resource.ts";
import type { Location } from "../../locations/schema.ts";
import { exportPage, type ImportKind, isText } from "./kind.ts";
import { applyMasterData, type MasterData } from "./master-data.ts";
import { PARENT } from "./names.ts";
import { jsonObject, wordList } from "../../../tables/columns.ts";
import type { RowProblem } from "../../../tables/row.ts";

type Fields = Readonly<Record<string, unknown>>;

const locations: MasterData<Location> = {
  resource: LOCATIONS,
  names: [PARENT],
  writesInDryRuns: true,
  async find(client, rows) {
    const ids = rows.flatMap(({ id }) => (typeof id === "number" ? [id] : []));
    const names = rows.flatMap(({ id, name }) => (id === undefined && isText(name) ? [name.trim()] : []));
    const known = await findLocationsNamed(client, ids, names);
    return rows.map((row) => matchOf(row, known));
  },
};

/** By its id; else by its name, below the parent that is named, or wherever it is when none is. */
function matchOf(
  { id, name, parent_id: parentId }: Fields,
  known: readonly Versioned<Location>[],
): Versioned<Location> | undefined | RowProblem {
  if (id !== undefined) {
    const column = "id";
    return known.find((each) => each.id === id) ?? { column, message: "there is no location with this id" };
  }
  const named = known.filter((each) => each.name === String(name).trim());
  const matching = parentId === undefined ? named : named.filter((each) => each.parent_id === parentId);
  if (matching.length < 2) return matching[0];
  return { column: "name", message: `${matching.length} locations have this name: name the parent, or give the id` };
}

export const locationsKind: ImportKind = {
  name: "locations",
  key: "id, else name and parent",
  columns: {
    id: "integer",
    name: "text",
    stage: "word",
    parent_id: "integer",
    parent: "text",
    barcode: "word",
    gln: "word",
    time_zone: "word",
    geofence: "json",
    capacity_units: "integer",
    capacity_litres: "number",
    capacity_kilograms: "number",
    kind: "word",
    storage_category: "word",
    tags: wordList,
    attributes: jsonObject,
  },
  namesOf({ id, name, parent, parent_id: parentId, barcode, gln }) {
    const named = [
      ...(isText(name) ? [`location:${name.trim()}`] : []),
      ...(isText(barcode) ? [`barcode:${barcode.trim()}`] : []),
      ...(isText(gln) ? [`gln:${gln.trim()}`] : []),
    ];
    if (id !== undefined) return [`id:${JSON.stringify(id)}`, ...named];
    if (!isText(name)) return { column: "name", message: "a value is needed" };
    return [JSON.stringify([name.trim(), isText(parent) ? parent.trim() : (parentId ?? null)]), ...named];
  },
  refersTo: ({ parent }) => (isText(parent) ? [`location:${parent.trim()}`] : []),
  apply: (client, rows, context) => applyMasterData(locations, client, rows, context),
  async page(db, after, limit, { q } = {}) {
    const rows = await listLocations(db, {
      after: after as number | undefined,
      q: q as string | undefined,
      limit: limit + 1,
      filters: {},
    });
    const parents = rows.flatMap(({ parent_id }) => parent_id ?? []);
    const nameOf = new Map((await findLocationsNamed(db, parents, [])).map(({ id, name }) => [id, name]));
    return exportPage(rows, limit, (row) => ({ ...row, parent: nameOf.get(row.parent_id ?? 0) }));
  },
};

import type { Versioned } from "../../../http/response.ts";
import { findPartiesNamed, listParties } from "../../parties/queries.ts";
import { PARTIES } from "../../parties/resource.ts";
import type { Party } from "../../parties/schema.ts";
import { jsonObject, wordList } from "../../../tables/columns.ts";
import type { RowProblem } from "../../../tables/row.ts";
import { exportPage, type ImportKind, isText } from "./kind.ts";
import { applyMasterData, type MasterData } from "./master-data.ts";

type Fields = Readonly<Record<string, unknown>>;

const parties: MasterData<Party> = {
  resource: PARTIES,
  names: [],
  async find(client, rows) {
    const ids = rows.flatMap(({ id }) => (typeof id === "number" ? [id] : []));
    const texts = (field: "reference" | "name") => rows.map((row) => row[field]).filter(isText);
    const names = texts("name").map((name) => name.trim());
    const known = await findPartiesNamed(client, ids, texts("reference"), names);
    return rows.map((row) => matchOf(row, known));
  },
};

/** By its id, else by its reference, else by its name. */
function matchOf(
  { id, reference, name }: Fields,
  known: readonly Versioned<Party>[],
): Versioned<Party> | undefined | RowProblem {
  if (id !== undefined) {
    return known.find((each) => each.id === id) ?? { column: "id", message: "there is no party with this id" };
  }
  const [column, matching] = isText(reference)
    ? ["reference", known.filter((each) => each.reference === reference)]
    : ["name", known.filter((each) => each.name === String(name).trim())];
  if (matching.length < 2) return matching[0];
  return { column, message: `${matching.length} parties have this ${column}: give the id` };
}

export const partiesKind: ImportKind = {
  name: "parties",
  key: "id, else reference, else name",
  columns: {
    id: "integer",
    name: "text",
    roles: wordList,
    reference: "text",
    language: "word",
    email: "word",
    phone: "text",
    address: "text",
    lead_time_days: "integer",
    minimum_quantity: "integer",
    pack_quantity: "integer",
    tags: wordList,
    attributes: jsonObject,
  },
  namesOf({ id, reference, name }) {
    if (id !== undefined) return [`id:${JSON.stringify(id)}`];
    if (isText(reference)) return [`reference:${reference}`];
    return isText(name) ? [`name:${name.trim()}`] : { column: "name", message: "a value is needed" };
  },
  apply: (client, rows, context) => applyMasterData(parties, client, rows, context),
  async page(db, after, limit, { q } = {}) {
    const filter = { after: after as number | undefined, q: q as string | undefined, limit: limit + 1, filters: {} };
    return exportPage(await listParties(db, filter), limit, (party) => ({ ...party }));
  },
};

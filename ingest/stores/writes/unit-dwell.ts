import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

export interface UnitDwellRow {
  epc: string;
  itemId: number;
  locationId: number;
  from: number;
  to: number | null;
  arrivalFact: string;
  departureFact: string | null;
}

/** Replaces the dwells of these tags. */
export function writeUnitDwells(epcs: readonly string[], rows: readonly UnitDwellRow[]): Write[] {
  const record = `jsonb_to_recordset($1::jsonb) AS t (epc text, "itemId" int, "locationId" int, "from" float8, "to" float8, "arrivalFact" text, "departureFact" text)`;
  const json = JSON.stringify(rows);
  return [
    {
      name: "unit_dwells_written",
      sql: `INSERT INTO unit_dwells (epc, item_id, location_id, from_at, to_at, arrival_fact, departure_fact)
        SELECT epc, "itemId", "locationId", ${timeOfMs('"from"')}, ${timeOfMs('"to"')}, "arrivalFact", "departureFact" FROM ${record}
        ORDER BY epc, "from"
        ON CONFLICT (epc, from_at) DO UPDATE SET item_id = excluded.item_id, location_id = excluded.location_id,
          to_at = excluded.to_at, arrival_fact = excluded.arrival_fact, departure_fact = excluded.departure_fact`,
      params: [json],
    },
    {
      name: "unit_dwells_deleted",
      sql: `DELETE FROM unit_dwells s WHERE s.epc = ANY($2::text[]) AND NOT EXISTS (
          SELECT FROM ${record} WHERE t.epc = s.epc AND ${timeOfMs('t."from"')} = s.from_at)`,
      params: [json, epcs],
    },
  ];
}

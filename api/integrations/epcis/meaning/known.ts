import type { PoolClient } from "pg";
import { type Meant, meantBy } from "../../../../ingest/domain/epcis/names.ts";
import type { Known } from "../../../../ingest/domain/epcis/reported-facts.ts";
import { epcsOfSscc } from "../../../../ingest/domain/gs1/sscc.ts";
import { loadPlaces } from "../../../resources/shipments/history-queries.ts";
import { loadNames } from "./names.ts";

/** What URIs mean in this installation. */
export interface KnownThings extends Known {
  meant(uri: string): Meant;
}

export async function loadKnown(client: PoolClient): Promise<KnownThings> {
  const bases = await loadNames(client);
  const meant = (uri: string): Meant => {
    const all = bases.map((base) => meantBy(uri, base));
    return all.find(({ kind }) => kind !== "other") ?? all[0] ?? meantBy(uri, "");
  };
  const places = await loadPlaces(client);
  const { rows } = await client.query<{ id: number; gln: string | null; barcode: string | null }>(
    "SELECT id, gln, barcode FROM locations WHERE gln IS NOT NULL OR barcode IS NOT NULL",
  );
  const byCode = new Map(
    rows.flatMap(({ id, gln, barcode }) => [gln, barcode].flatMap((code) => (code ? [[code, id] as const] : []))),
  );
  const { rows: vehicles } = await client.query<{ id: number }>("SELECT id FROM vehicles");
  const vehicleIds = new Set(vehicles.map(({ id }) => id));
  return {
    meant,
    places,
    location(uri) {
      if (uri === null) return undefined;
      const named = meant(uri);
      if (named.kind === "location") return places.has(named.id) ? named.id : undefined;
      return byCode.get(uri) ?? (named.kind === "gln" ? byCode.get(named.gln) : undefined);
    },
    vehicle(uri) {
      const named = uri === null ? undefined : meant(uri);
      return named?.kind === "vehicle" && vehicleIds.has(named.id) ? named.id : undefined;
    },
  };
}

/** Whom an event is about: a shipment, by itself or by a tag that speaks for it. */
export interface Found {
  shipmentId: number;
  tag?: string;
}

/** The shipment that a thing is. @param uris the spellings in which events name it */
export async function findShipment(
  client: PoolClient,
  thing: string,
  uris: readonly string[],
  known: KnownThings,
): Promise<Found | undefined> {
  const begun = await client.query<{ id: number }>("SELECT shipment_id AS id FROM epcis_shipments WHERE thing = $1", [
    thing,
  ]);
  if (begun.rows[0]) return { shipmentId: begun.rows[0].id };
  const meanings = uris.map((uri) => known.meant(uri));
  for (const named of meanings) {
    if (named.kind === "shipment") {
      const { rows } = await client.query("SELECT FROM shipments WHERE id = $1", [named.id]);
      if (rows.length > 0) return { shipmentId: named.id };
    }
    if (named.kind === "sscc") {
      const { rows } = await client.query<{ id: number }>("SELECT id FROM shipments WHERE tracking_number = $1", [
        named.sscc,
      ]);
      if (rows[0]) return { shipmentId: rows[0].id };
    }
  }
  const tags = meanings.flatMap((named) =>
    named.kind === "epc" ? [named.epc] : named.kind === "sscc" ? epcsOfSscc(named.sscc) : [],
  );
  if (tags.length === 0) return undefined;
  const { rows } = await client.query<{ id: number; epc: string }>(
    `SELECT shipment_id AS id, epc FROM shipments_of_tags($1::text[]) ORDER BY since DESC NULLS LAST, shipment_id DESC LIMIT 1`,
    [tags],
  );
  return rows[0] && { shipmentId: rows[0].id, tag: rows[0].epc };
}

import type { PoolClient } from "pg";
import type { EventColumns } from "./event-columns.ts";

/** A global location number in a Digital Link. */
const GLN = /^https:\/\/id\.gs1\.org\/414\/(\d{13})(?:\/254\/.+)?$/;

/**
 * The locations where events happened: the one whose GLN or barcode is the business location, or else the read point. A barcode may be the
 * address itself, the number of the location, or that with its application identifier.
 * @returns for each event its location, null for none of ours
 */
export async function findPlaces(
  client: PoolClient,
  events: readonly Pick<EventColumns, "bizLocation" | "readPoint">[],
): Promise<(number | null)[]> {
  const wanted = new Set(events.flatMap(({ bizLocation, readPoint }) => [bizLocation, readPoint]));
  const barcodes = [...wanted].flatMap((address) => (address === null ? [] : barcodesOf(address)));
  if (barcodes.length === 0) return events.map(() => null);
  const { rows } = await client.query<{ id: number; barcode: string }>(
    `SELECT id, gln AS barcode FROM public.locations WHERE gln = ANY ($1)
    UNION ALL SELECT id, barcode FROM public.locations WHERE barcode = ANY ($1)`,
    [barcodes],
  );
  const ids = new Map(rows.map(({ id, barcode }) => [barcode, id]));
  const placeOf = (address: string | null): number | undefined =>
    address === null ? undefined : barcodesOf(address).flatMap((barcode) => ids.get(barcode) ?? [])[0];
  return events.map(({ bizLocation, readPoint }) => placeOf(bizLocation) ?? placeOf(readPoint) ?? null);
}

function barcodesOf(address: string): string[] {
  const gln = GLN.exec(address)?.[1];
  return gln === undefined ? [address] : [address, gln, `414${gln}`, `(414)${gln}`];
}

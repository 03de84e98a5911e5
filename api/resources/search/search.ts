import type { Pool } from "pg";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { parseScannedCode } from "../../../ingest/domain/gs1/scanned-code.ts";
import { trackingNumberIn } from "../../../ingest/domain/shipment/tracking-number.ts";
import { isLimited, permissionsWithin, type Reader } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { locationOfCode } from "../labels/label.ts";
import { findTrips } from "./find-trips.ts";
import { SEARCHED_KINDS } from "./kinds.ts";
import {
  type Candidate,
  describe,
  exactly,
  findAmongVisible,
  findByEpc,
  findByGtin,
  findByNumber,
  findByWords,
  findPeople,
  findPieces,
  keyOf,
  ranked,
} from "./queries.ts";
import type { Hit, HitKind } from "./schema.ts";

/**
 * Candidates of one kind that are looked at for a principal with limits. Where there are more, and among them too few that it
 * may see, all that it may see is searched instead.
 */
const MAX_CANDIDATES = 1000;

interface Search {
  /** not limited: it finds candidates, which are shown only if `db` shows them */
  pool: Pool;
  db: Reader;
  principal: Principal;
  companyPrefix: string | undefined;
}

/** The best hits for a text among what the principal may see. */
export async function search({ pool, db, principal, companyPrefix }: Search, q: string, most: number): Promise<Hit[]> {
  const { role, limits } = principal;
  const kinds = SEARCHED_KINDS.flatMap(({ kind, roles, texts }) =>
    texts.length === 0 || roles?.includes(role) === false ? [] : [kind],
  );
  const perKind = isLimited(limits) ? MAX_CANDIDATES : most;
  const byCode = await findByCode(pool, q, companyPrefix);
  const byWords = await findByWords(pool, q, kinds, perKind);
  const candidates = [...byCode, ...byWords, ...(await findTrips(db, q, most))];
  const shown = await describe(db, candidates);
  if (isLimited(limits)) {
    for (const kind of kinds.filter((each) => isCutOff(each, byWords) && countOf(each, shown) < most)) {
      const found = await findAmongVisible(db, q, kind, most);
      candidates.push(...found);
      for (const [key, hit] of await describe(db, found)) shown.set(key, hit);
    }
  }
  const people = permissionsWithin(role, limits).includes("administer") ? await findPeople(pool, q, most) : [];
  for (const person of people) shown.set(keyOf(person), person);
  const all = [...candidates, ...people.map(({ kind, id, match }) => ({ kind, id: String(id), match }))];
  const visible = all.filter((each) => shown.has(keyOf(each)));
  return ranked(visible)
    .slice(0, most)
    .map((candidate) => hitOf(candidate, shown.get(keyOf(candidate))!));
}

/** Things that a code names: an EPC in any notation, what a scanner reads from a label, the number of an order. */
async function findByCode(pool: Pool, q: string, companyPrefix: string | undefined): Promise<Candidate[]> {
  const epc = describeEpc(q, { companyPrefix });
  const scanned = parseScannedCode(q);
  const number = trackingNumberIn(q) ?? /^(?:\(?00\)?\s?)?(\d{18})$/.exec(q)?.[1];
  const gtin = epc?.gtin ?? scanned.gtin;
  const location = locationOfCode(q);
  const order = /^(?:#|order )?([1-9]\d{0,8})$/i.exec(q)?.[1];
  return [
    ...(epc === undefined ? [] : await findByEpc(pool, epc.uri)),
    ...(number === undefined ? [] : await findByNumber(pool, number)),
    ...(gtin === undefined
      ? []
      : await findPieces(pool, { gtin, serial: epc?.serial ?? scanned.serial, lot: scanned.lot })),
    ...(gtin === undefined ? [] : await findByGtin(pool, gtin)),
    ...(location === undefined ? [] : [exactly("location", String(location))]),
    ...(order === undefined ? [] : [exactly("order", order)]),
  ];
}

const isCutOff = (kind: HitKind, found: readonly Candidate[]): boolean =>
  found.filter((each) => each.kind === kind).length >= MAX_CANDIDATES;

const countOf = (kind: HitKind, shown: ReadonlyMap<string, { kind: HitKind }>): number =>
  [...shown.values()].filter((each) => each.kind === kind).length;

const PATHS: Readonly<Record<Exclude<HitKind, "handling_unit">, string>> = {
  shipment: "/shipments",
  item: "/items",
  location: "/locations",
  vehicle: "/vehicles",
  trip: "/trips",
  order: "/orders",
  lot: "/lots",
  serial: "/serials",
  party: "/parties",
  device: "/devices",
  user: "/users",
  api_client: "/api-clients",
  service_account: "/service-accounts",
};

function hitOf({ match }: Candidate, described: Omit<Hit, "match" | "path">): Hit {
  const { kind, id, title, detail, shipment_id } = described;
  const path =
    kind === "handling_unit"
      ? `/shipments/${shipment_id}/handling-units/${id}`
      : `${PATHS[kind]}/${encodeURIComponent(id)}`;
  const hit = { kind, id, title, detail: detail === "" ? null : detail, match, path };
  return shipment_id === undefined ? hit : { ...hit, shipment_id };
}

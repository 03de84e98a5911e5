import { SHUTTLES, type Site, SITES, siteNamed } from "./sites.ts";

/** The warehouse from which most trucks leave. */
const BUSIEST = "Warehouse Munich";

/** Where the gates are, one entry per gate. Docks where goods come and go all the time have them first, some several. */
export function gateSites(count: number): Site[] {
  const busy = SHUTTLES.flatMap(([from, to]) => [siteNamed(to), siteNamed(from)]).filter(
    ({ role }) => role !== "plant",
  );
  const rest = SITES.filter(({ role }) => role !== "shop");
  const docks = [...new Set([siteNamed(BUSIEST), ...busy, ...rest])];
  return Array.from({ length: count }, (_, index) => docks[index % docks.length]!);
}

/** Where the controller of the gates has a wrong clock, and by how much it is ahead, milliseconds. */
const CLOCK_ERRORS: ReadonlyMap<string, number> = new Map([
  [BUSIEST, 40_000],
  ["Shop Munich Freimann", -60_000],
]);

export function clockErrors(gated: readonly Site[]): Map<Site, number> {
  const errors = new Map<Site, number>();
  for (const site of gated) {
    const errorMs = CLOCK_ERRORS.get(site.name);
    if (errorMs !== undefined) errors.set(site, errorMs);
  }
  return errors;
}

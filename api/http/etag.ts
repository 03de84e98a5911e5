/** Row versions as entity tags: `"v7"`. */
export const etagOf = (version: number): string => `"v${version}"`;

/**
 * Versions named by If-Match or If-None-Match; `"any"` for `*`, undefined without the header. A weak tag counts like
 * the strong one: compression in between turns `"v7"` into `W/"v7"`, and our tags name versions, not bytes (RFC 9110 §8.8.3).
 */
export function parseEtags(header: string | undefined): ReadonlySet<number> | "any" | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "any";
  const versions = new Set<number>();
  for (const tag of header.split(",")) {
    const version = /^\s*(?:W\/)?"v(\d{1,15})"\s*$/.exec(tag)?.[1];
    if (version !== undefined) versions.add(Number(version));
  }
  return versions;
}

/** Whether `version` is one of those named. */
export const matchesVersion = (tags: ReadonlySet<number> | "any", version: number): boolean =>
  tags === "any" || tags.has(version);

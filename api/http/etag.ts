/** Row versions as entity tags: `"v7"`. */
export const etagOf = (version: number): string => `"v${version}"`;

/**
 * Parses If-Match or If-None-Match into row versions; `"any"` for `*`, undefined without the header. A weak tag counts
 * as the strong one: compression by a proxy turns `"v7"` into `W/"v7"`, and these tags name versions, not bytes
 * (RFC 9110 §8.8.3).
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

/** Whether the header names `version`. */
export const matchesVersion = (tags: ReadonlySet<number> | "any", version: number): boolean =>
  tags === "any" || tags.has(version);

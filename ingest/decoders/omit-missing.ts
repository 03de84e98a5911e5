/** Leaves out fields that are undefined or null: the contract's optional fields are absent when unknown. */
export function omitMissing(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

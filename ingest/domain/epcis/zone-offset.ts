/** The offset of a time zone at a time, as EPCIS writes it: `+02:00`. @param timeZone IANA; null: UTC */
export function zoneOffset(timeZone: string | null, at: number): string {
  if (timeZone === null) return "+00:00";
  const parts = formatOf(timeZone).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  // Before 1900 zones have seconds too, which EPCIS has no room for.
  return /[+-]\d{2}:\d{2}/.exec(name)?.[0] ?? "+00:00";
}

/** To make one takes longer than to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  formats.set(timeZone, made);
  return made;
}

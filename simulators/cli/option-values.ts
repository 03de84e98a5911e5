// Parsers for option values. Each throws a `TypeError` that states the expected format.

export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`expected a whole number, not "${text}"`);
  return value;
}

export function parsePositiveCount(text: string): number {
  const value = parseCount(text);
  if (value === 0) throw new TypeError("expected 1 or more");
  return value;
}

export function parseAmount(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new TypeError(`expected a number of 0 or more, not "${text}"`);
  return value;
}

/** `5%` or `0.05` → 0.05 */
export function parseFraction(text: string): number {
  const value = text.endsWith("%") ? parseAmount(text.slice(0, -1)) / 100 : parseAmount(text);
  if (value > 1) throw new TypeError(`expected 0% to 100%, not "${text}"`);
  return value;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `250ms`; a bare number is seconds → milliseconds */
export function parseDurationMs(text: string): number {
  const [, digits = "", unit = "s"] = /^([\d.]+)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const scale = UNIT_MS[unit];
  if (digits === "" || scale === undefined)
    throw new TypeError(`expected a time such as 90s, 5m or 250ms, not "${text}"`);
  return parseAmount(digits) * scale;
}

/** `60`, `0.5`; `0` and `max` → Infinity: as fast as messages are acknowledged */
export function parseSpeed(text: string): number {
  const value = text === "max" ? 0 : parseAmount(text);
  return value === 0 ? Infinity : value;
}

/** ISO 8601, or `-20m` for 20 minutes ago → epoch milliseconds */
export function parseStartTime(text: string, now: number): number {
  if (text.startsWith("-")) return now - parseDurationMs(text.slice(1));
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new TypeError(`expected ISO 8601 or a time ago such as -20m, not "${text}"`);
  return value;
}

export function parseQos(text: string): 0 | 1 | 2 {
  if (text === "0" || text === "1" || text === "2") return Number(text) as 0 | 1 | 2;
  throw new TypeError(`expected 0, 1 or 2, not "${text}"`);
}

/** `gate,api` → those of `known` that are named, in the order of `known` */
export function parseSubset<T extends string>(text: string, known: readonly T[]): T[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!known.some((one) => one === name)) throw new TypeError(`expected some of ${known.join(",")}, not "${name}"`);
  }
  return known.filter((name) => names.includes(name));
}

/** Symbols, such as kg or m², and words that have no plural. */
const UNCHANGED = /^(.{1,2}|[mck]m[23]|doz|dozen|each|gal|bbl|kwh)$/i;

/** The English plural. A unit is a word of the catalogue: one with letters of another language stays as it is. */
function plural(unit: string): string {
  if (UNCHANGED.test(unit) || /[^su]s$/i.test(unit) || !/^[a-z]+$/i.test(unit)) return unit;
  if (/(s|x|z|ch|sh)$/i.test(unit)) return `${unit}es`;
  if (/[^aeiou]y$/i.test(unit)) return `${unit.slice(0, -1)}ies`;
  return `${unit}s`;
}

export const formatCount = (count: number): string => count.toLocaleString("en-GB");

/** "1 piece", "1,240 pieces", "3 boxes", "20 kg" */
export function formatQuantity(quantity: number, unit: string): string {
  return `${formatCount(quantity)} ${Math.abs(quantity) === 1 ? unit : plural(unit)}`;
}

/** "1,240.5": to one digit after the point. */
export const formatAmount = (amount: number): string => amount.toLocaleString("en-GB", { maximumFractionDigits: 1 });

/** "17 kB", "2.4 MB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${formatCount(Math.round(bytes / 1000))} kB` : `${formatAmount(bytes / 1_000_000)} MB`;
}

/** "93 %" */
export const formatPercent = (percent: number): string => `${formatCount(Math.round(percent))} %`;

/** "2,510 g", "12.4 kg" */
export const formatGrams = (grams: number): string =>
  Math.abs(grams) < 10_000 ? `${formatAmount(grams)} g` : `${formatAmount(grams / 1000)} kg`;

import type { ErpOptions } from "../options.ts";
import { Clash } from "./clash.ts";

/** What ERPs call one piece where nobody has named it otherwise. */
const PIECES = new Set([
  "",
  "unit",
  "units",
  "unit(s)",
  "nos",
  "each",
  "ea",
  "pcs",
  "pc",
  "piece",
  "pieces",
  "stk",
  "stück",
]);

/** Our name of a unit of the ERP. */
export function unitOf({ units }: Pick<ErpOptions, "units">, theirs: string): string {
  const mapped = units[theirs];
  if (mapped !== undefined) return mapped;
  return PIECES.has(theirs.trim().toLowerCase()) ? "piece" : theirs.trim();
}

/** How many base units one of this unit is. @throws Clash for a unit that the item has not */
export function factorOf(
  options: ErpOptions,
  item: { sku: string; base_unit: string; packs: readonly unknown[] },
  theirs: string,
): number {
  const unit = unitOf(options, theirs);
  if (unit.toLowerCase() === item.base_unit.toLowerCase()) return 1;
  const packs = item.packs as readonly { unit: string; quantity: number }[];
  const pack = packs.find((each) => each.unit.toLowerCase() === unit.toLowerCase());
  if (pack !== undefined) return pack.quantity;
  const known = [item.base_unit, ...packs.map((each) => each.unit)].join(", ");
  throw new Clash(
    "unknown_unit",
    `item ${item.sku} has no unit "${theirs}" here; it has ${known}. Add a pack to the item, or map the unit`,
    {
      subject: item.sku,
    },
  );
}

/** @throws Clash for what is no whole number of base units above zero */
export function piecesOf(quantity: number, factor: number, sku: string): number {
  const pieces = Math.round(quantity * factor * 1e6) / 1e6;
  if (Number.isInteger(pieces) && pieces > 0 && pieces <= 2_147_483_647) return pieces;
  throw new Clash("bad_quantity", `the quantity ${quantity} of ${sku} is no whole number of base units above zero`, {
    subject: sku,
  });
}

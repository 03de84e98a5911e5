import type { Order } from "../../state/resources.ts";
import type { Field, FieldValues } from "../controls/record-form.tsx";
import { withChosen } from "../controls/use-items.ts";

type Lines = Order["lines"];

/** The lines of an order as a form says them, numbered from 0. */
export type LineFields = Partial<Record<`item ${number}` | `quantity ${number}`, number>>;

/** Lines that a form has room for, or those that an order has; a longer one comes by the API. */
const MAX_LINES = 30;

const isGiven = (text: string | undefined): boolean => text !== undefined && text !== "";

/** Fields for the lines, and for one more than are filled in. A line whose product is emptied is no more. */
export function lineFields(
  items: readonly (readonly [id: number, name: string])[],
  chosen: FieldValues,
  lines: Lines = [],
): Field<keyof LineFields>[] {
  const itemAt = (at: number) => chosen[`item ${at}`] ?? lines[at]?.item_id.toString();
  const room = Math.max(MAX_LINES, lines.length);
  const filled = Array.from({ length: room }, (_, at) => at).filter((at) => isGiven(itemAt(at)));
  const count = Math.min(room, (filled.at(-1) ?? -1) + 2);
  return Array.from({ length: count }, (_, at): Field<keyof LineFields>[] => [
    {
      name: `item ${at}`,
      label: `Product ${at + 1}`,
      type: "id",
      options: withChosen(items, lines[at]?.item_id),
      required: at === 0,
      value: lines[at]?.item_id,
    },
    {
      name: `quantity ${at}`,
      label: "Quantity",
      type: "number",
      min: 1,
      required: at === 0 || isGiven(itemAt(at)),
      value: lines[at]?.quantity,
    },
  ]).flat();
}

/** The lines as the API takes them, and the other fields of the form. */
export function splitLines<F extends LineFields>(form: F): { lines: Lines; rest: Omit<F, keyof LineFields> } {
  const isOfLine = (name: string) => /^(?:item|quantity) \d+$/.test(name);
  const numbers = Object.keys(form).flatMap((name) => (name.startsWith("item ") ? [Number(name.slice(5))] : []));
  const lines = numbers
    .toSorted((a, b) => a - b)
    .map((at) => ({ item_id: form[`item ${at}`], quantity: form[`quantity ${at}`] }) as Lines[number]);
  const rest = Object.fromEntries(Object.entries(form).filter(([name]) => !isOfLine(name)));
  return { lines, rest: rest as Omit<F, keyof LineFields> };
}

import type { Schemas } from "../../../client/index.ts";
import type { Field, FieldValues } from "../controls/record-form.tsx";

type NewShipment = Schemas["NewShipment"];
type NewLine = NonNullable<NewShipment["lines"]>[number];

/** The goods of a shipment as a form says them: of its first product in the names of the API, of further ones with their number. */
export type GoodsFields = Pick<NewShipment, "item_id" | "product_name" | "quantity"> &
  Partial<Record<`item ${number}` | `quantity ${number}`, number> & Record<`name ${number}`, string>>;

/** Products that a form has room for; a shipment with more comes by the API. */
const MAX_LINES = 20;

const isGiven = (chosen: FieldValues, at: number): boolean =>
  [`item ${at}`, `name ${at}`].some((name) => (chosen[name] ?? "") !== "");

/** Fields for the goods, and for one product more than are filled in. */
export function goodsFields(
  items: readonly (readonly [id: number, name: string])[],
  chosen: FieldValues,
): Field<keyof GoodsFields>[] {
  const hasFirst = (chosen["item_id"] ?? "") !== "" || (chosen["product_name"] ?? "") !== "";
  const further = Array.from({ length: MAX_LINES - 1 }, (_, at) => at + 2);
  const last = further.findLast((at) => isGiven(chosen, at)) ?? 1;
  return [
    { name: "item_id", label: "Product", type: "id", options: items },
    { name: "product_name", label: "or its name", required: (chosen["item_id"] ?? "") === "" },
    { name: "quantity", label: "Quantity", type: "number", min: 1, required: true },
    ...(hasFirst ? further : [])
      .filter((at) => at <= last + 1)
      .flatMap((at): Field<keyof GoodsFields>[] => [
        { name: `item ${at}`, label: `Product ${at}`, type: "id", options: items },
        { name: `name ${at}`, label: `or its name, ${at}` },
        { name: `quantity ${at}`, label: `Quantity ${at}`, type: "number", min: 1, required: isGiven(chosen, at) },
      ]),
  ];
}

/** The goods as the API takes them: of one product in its short form, else lines. */
export function withLines<F extends GoodsFields>(form: F): Omit<F, keyof GoodsFields> & Partial<NewShipment> {
  const { item_id, product_name, quantity } = form;
  const rest = Object.fromEntries(
    Object.entries(form).filter(([name]) => !/^(?:item|name|quantity) \d+$/.test(name)),
  ) as Omit<F, keyof GoodsFields> & Partial<NewShipment>;
  const further = Array.from({ length: MAX_LINES - 1 }, (_, at) => at + 2).flatMap((at): NewLine[] => {
    const line = lineOf(form[`item ${at}`], form[`name ${at}`], form[`quantity ${at}`]);
    return line === undefined ? [] : [line];
  });
  if (further.length === 0) return rest;
  const { item_id: _item, product_name: _name, quantity: _quantity, ...others } = rest;
  const first = lineOf(item_id, product_name, quantity)!;
  return { ...(others as typeof rest), lines: [first, ...further] };
}

function lineOf(item: number | undefined, name: string | undefined, quantity: number | undefined): NewLine | undefined {
  if (item === undefined && name === undefined) return undefined;
  return {
    ...(item !== undefined && { item_id: item }),
    ...(name !== undefined && { product_name: name }),
    quantity: quantity ?? 0,
  };
}

import { formatCount } from "../../labels/quantities.ts";
import type { Shipment } from "../../state/resources.ts";

/** The goods of a shipment of several products. */
export function Goods({ shipment: { lines } }: { shipment: Shipment }) {
  if (lines.length < 2) return null;
  return (
    <section aria-label="Goods">
      <h3>Goods</h3>
      <ol class="lines">
        {lines.map(({ line, product_name: name, quantity }) => (
          <li key={line}>
            <span class="muted">{line}</span>
            <span class="grow">{name}</span>
            {formatCount(quantity)}
          </li>
        ))}
      </ol>
    </section>
  );
}

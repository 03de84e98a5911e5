import { appData } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { useGet } from "../controls/use-load.ts";
import { PrintedLabel } from "./printed-label.tsx";
import { CustomFacts } from "../custom/custom-facts.tsx";
import { StockList } from "./stock-list.tsx";

/** One product: its codes, and where it is in stock. */
export function ItemDetail({ id }: { id: number }) {
  const loaded = useGet(`/items/${id}`, null);
  const { stock } = useStore(appData);
  const item = loaded?.value;
  return (
    <DetailFrame label={`Product ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The product could not be loaded: {loaded.problem}</p>}
      {item && (
        <>
          <h2>{item.name}</h2>
          <p class="code">{item.sku}</p>
          <Facts
            of={[
              ["GTIN", item.gtin],
              ["Barcode", item.barcode],
              ["Unit", item.base_unit],
              ["Weight of one", item.unit_weight_grams && `${item.unit_weight_grams} g`],
              ["Storage category", item.storage_category],
              ["Room that one takes", item.unit_volume_litres && `${item.unit_volume_litres} l`],
            ]}
          />
          <PrintedLabel of={`/items/${id}`} />
          <CustomFacts thing="items" id={id} />
          <StockList positions={[...stock.values()].filter((position) => position.item_id === id)} by="place" id={id} />
        </>
      )}
    </DetailFrame>
  );
}

import { formatCount } from "../../labels/quantities.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { Expected } from "../eta/expected.tsx";
import { conditionText } from "./condition-text.ts";
import { coverText } from "./cover-text.ts";
import type { Outlook } from "./use-outlooks.ts";

interface StockNotesProps {
  item: InventoryItem;
  /** undefined: not known by name */
  owner: string | undefined;
  /** undefined: not read yet */
  outlook: Outlook | undefined;
}

/** The second line of a row of stock: condition and owner where they are not the common ones, how long it lasts, what is on order. */
export function StockNotes({ item, owner, outlook }: StockNotesProps) {
  const condition = conditionText(item.condition);
  const lasts = outlook && lastsText(item, outlook);
  const awaited = outlook && awaitedOf(outlook);
  if (condition === null && item.owner_id === null && !lasts && !awaited) return null;
  return (
    <p class="row-details notes">
      {condition !== null && <strong>{condition}</strong>}
      {item.owner_id !== null && <span>of {owner ?? `owner ${item.owner_id}`}</span>}
      {lasts && <span>{lasts}</span>}
      {awaited && (
        <span>
          {awaited.text}
          {awaited.at !== null && (
            <>
              , <Expected at={awaited.at} />
            </>
          )}
        </span>
      )}
    </p>
  );
}

/** "lasts 12 days": by the level of now, at the mean that was read. */
function lastsText(item: InventoryItem, outlook: Outlook): string | null {
  const { daily_mean: mean, days_of_cover: days } = outlook;
  if (item.condition !== "good" || days === null || !mean) return null;
  return `lasts ${coverText({ ...outlook, days_of_cover: Math.max(0, item.available) / mean })}`;
}

/** What comes, and when the next of it is expected. */
function awaitedOf({ on_order: ordered, orders, in_transit, in_transit_late, arrivals }: Outlook) {
  if (ordered > 0) return { text: `${formatCount(ordered)} on order`, at: orders[0]?.expected_at ?? null };
  const underWay = in_transit + in_transit_late;
  if (underWay === 0) return undefined;
  return { text: `${formatCount(underWay)} on the way`, at: arrivals[0]?.eta ?? null };
}

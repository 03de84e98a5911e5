import { devicesKind } from "./devices.ts";
import { itemsKind } from "./items.ts";
import type { ImportKind, KindName } from "./kind.ts";
import { locationsKind } from "./locations.ts";
import { ordersKind } from "./orders.ts";
import { partiesKind } from "./parties.ts";
import { stockKind } from "./stock.ts";

export const KINDS: Readonly<Record<KindName, ImportKind>> = {
  items: itemsKind,
  locations: locationsKind,
  parties: partiesKind,
  devices: devicesKind,
  orders: ordersKind,
  stock: stockKind,
};

// What a person opens is an entry of the browser's history: Back closes it, Forward opens it again. Entries made here
// remember in `history.state` what they opened, and whether the entry before has that closed.
import { type Detail, type Tab, type View, addressOf, parseAddress, view } from "./view.ts";

/** Both can be open at once; each closes on its own. */
type Layer = "detail" | "vehicle";

interface Entry {
  opened: Layer;
  /** Going back from here closes it, and does not show another one of its kind. */
  backCloses: boolean;
}

/** What `data-opens` of a row or link says, and who is focused when the thing is closed. */
export const detailKey = ({ kind, id }: Detail): string => `${kind}:${id}`;
export const vehicleKey = (id: number): string => `vehicle:${id}`;

const closed = { detail: { detail: null }, vehicle: { vehicleId: null } } as const;

function openKey({ detail, vehicleId }: View, layer: Layer): string | undefined {
  if (layer === "detail") return detail === null ? undefined : detailKey(detail);
  return vehicleId === null ? undefined : vehicleKey(vehicleId);
}

/** The element that opened a thing, by its key. Its row may have been drawn anew, or be gone, when the thing is closed. */
const openers = new Map<Layer, { key: string; element: WeakRef<Element> }>();

/** Changes the view within the current history entry: filters and searches are no places to go back to. */
export function refineView(change: Partial<View>): void {
  show({ ...view.get(), ...change });
  history.replaceState(history.state, "", addressOf(view.get()));
}

/** Goes to another list, whose predecessor Back shows again. */
export function goTo(change: Partial<View>): void {
  push({ ...view.get(), ...change }, null);
}

/** The list that a detail belongs to. Stock has none: its tiles are always in view. */
const TAB_OF: Partial<Record<Detail["kind"], Tab>> = {
  shipment: "shipments",
  order: "orders",
  picks: "orders",
  device: "devices",
  alert: "alerts",
  lot: "lots",
  serial: "serials",
  trip: "trips",
};

export function openDetail(detail: Detail): void {
  open("detail", { detail, tab: TAB_OF[detail.kind] ?? view.get().tab });
}

export function openVehicle(vehicleId: number): void {
  open("vehicle", { vehicleId });
}

function open(layer: Layer, change: Partial<View>): void {
  const before = view.get();
  const next = { ...before, ...change };
  const key = openKey(next, layer);
  if (key === undefined || key === openKey(before, layer)) return;
  if (document.activeElement !== null) openers.set(layer, { key, element: new WeakRef(document.activeElement) });
  push(next, { opened: layer, backCloses: openKey(before, layer) === undefined });
}

function push(next: View, entry: Entry | null): void {
  if (addressOf(next) === addressOf(view.get())) return;
  history.pushState(entry, "", addressOf(next));
  show(next);
}

/** Whether the browser was asked to go back and has not yet: a second Esc must not go back twice. */
let isGoingBack = false;

/** Closes what is open in this layer: by going back to where it was opened, if that is the last thing that was done. */
export function close(layer: Layer): void {
  if (isGoingBack || openKey(view.get(), layer) === undefined) return;
  const entry = history.state as Entry | null;
  if (entry?.opened !== layer || !entry.backCloses) return push({ ...view.get(), ...closed[layer] }, null);
  isGoingBack = true;
  history.back();
}

/** What Esc closes: what was opened last, else a vehicle's card, which lies above all. */
function topmost(): Layer | undefined {
  const entry = history.state as Entry | null;
  const order: Layer[] = entry?.opened === "detail" ? ["detail", "vehicle"] : ["vehicle", "detail"];
  return order.find((layer) => openKey(view.get(), layer) !== undefined);
}

function show(next: View): void {
  const before = view.get();
  view.set(next);
  for (const layer of ["vehicle", "detail"] as const) {
    const key = openKey(before, layer);
    if (key !== undefined && openKey(next, layer) === undefined) focusOpener(layer, key);
  }
}

/** A list that is loaded anew may take this long to show the row that opened something; then its tab has the focus meanwhile. */
const TAB_AFTER_MS = 1000;
const MAX_WAIT_MS = 15_000;

/** After the page is drawn anew. Somebody who has moved on to another part of the page is left there. */
function focusOpener(layer: Layer, key: string): void {
  const opener = openers.get(layer);
  const closedAt = performance.now();
  let standIn: Element | null = document.body;
  requestAnimationFrame(function look() {
    if (document.activeElement !== null && ![document.body, standIn].includes(document.activeElement)) return;
    const remembered = opener?.key === key ? opener.element.deref() : undefined;
    const target =
      remembered?.isConnected === true ? remembered : document.querySelector(`[data-opens="${CSS.escape(key)}"]`);
    if (target !== null) return (target as HTMLElement).focus();
    const waitedMs = performance.now() - closedAt;
    if (waitedMs > TAB_AFTER_MS && standIn === document.body) {
      standIn = document.querySelector('[role="tab"][aria-selected="true"]');
      (standIn as HTMLElement | null)?.focus();
    }
    if (waitedMs < MAX_WAIT_MS) requestAnimationFrame(look);
  });
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  // A field that has been typed into keeps its text: the browser empties a search field by itself.
  if (event.target instanceof HTMLInputElement && event.target.value !== event.target.defaultValue) return;
  const layer = topmost();
  if (layer === undefined) return;
  event.preventDefault();
  close(layer);
}

/** Follows the browser's history, links, and the key Esc. @returns a function that ends it */
export function followNavigation(): () => void {
  isGoingBack = false;
  const bound = new AbortController();
  const { signal } = bound;
  const read = () => {
    const next = parseAddress(location.hash);
    if (addressOf(next) !== addressOf(view.get())) show(next);
  };
  addEventListener(
    "popstate",
    () => {
      isGoingBack = false;
      read();
    },
    { signal },
  );
  addEventListener("hashchange", read, { signal });
  addEventListener("keydown", onKeyDown, { signal });
  return () => bound.abort();
}

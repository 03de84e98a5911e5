import { hasValidCheckDigit } from "../gs1/check-digit.ts";
import { parseDigitalLink } from "../gs1/digital-link.ts";
import { gs1KeysOf } from "../gs1/epc-keys.ts";
import { parseEpc } from "../gs1/epc-text.ts";
import { ssccIn } from "../gs1/sscc.ts";

/*
 * How things are named in events. What has a GS1 key is named by its canonical Digital Link (https://id.gs1.org), whose length of
 * company prefix nobody needs to know. What has none is named by its address in this platform's API: CBV 2.0 §8 allows any URI that its
 * owner controls.
 */

const GS1 = "https://id.gs1.org";

export interface Named {
  id: number;
}

const isSscc = (text: string): boolean => /^\d{18}$/.test(text) && hasValidCheckDigit(text);

/** @param base the public URL of the platform */
export const shipmentUri = (base: string, { id, trackingNumber }: Named & { trackingNumber: string }): string =>
  isSscc(trackingNumber) ? ssccUri(trackingNumber) : `${base}/shipments/${id}`;

export const ssccUri = (sscc: string): string => `${GS1}/00/${sscc}`;

export const locationUri = (base: string, { id, gln }: Named & { gln: string | null }): string =>
  gln === null ? `${base}/locations/${id}` : `${GS1}/414/${gln}`;

export const vehicleUri = (base: string, id: number): string => `${base}/vehicles/${id}`;

/** Goods of a product, of one lot of it if that is named. */
export function classUri(base: string, { id, gtin }: Named & { gtin: string | null }, lot?: string): string {
  if (gtin === null) return `${base}/items/${id}`;
  const product = `${GS1}/01/${gtin.padStart(14, "0")}`;
  return lot === undefined ? product : `${product}/10/${encodeURIComponent(lot)}`;
}

export const deviceUri = (base: string, id: string): string => `${base}/devices/${encodeURIComponent(id)}`;

export const orderUri = (base: string, id: number): string => `${base}/orders/${id}`;

/** What a URI in a captured event may name here. */
export type Meant =
  | { kind: "sscc"; sscc: string }
  | { kind: "gln"; gln: string }
  | { kind: "shipment" | "location" | "vehicle" | "item"; id: number }
  | { kind: "epc"; epc: string }
  | { kind: "other"; uri: string };

const OWN: Readonly<Record<string, "shipment" | "location" | "vehicle" | "item">> = {
  shipments: "shipment",
  locations: "location",
  vehicles: "vehicle",
  items: "item",
};

export function meantBy(uri: string, base: string): Meant {
  const own = uri.startsWith(`${base}/`) ? /^(\w+)\/(\d{1,9})$/.exec(uri.slice(base.length + 1)) : null;
  const kind = own === null ? undefined : OWN[own[1]!];
  if (kind !== undefined) return { kind, id: Number(own![2]) };
  const sscc = ssccIn(uri);
  if (sscc !== undefined) return { kind: "sscc", sscc };
  const gln = glnIn(uri);
  if (gln !== undefined) return { kind: "gln", gln };
  const { epc } = parseEpc(uri);
  return epc === undefined ? { kind: "other", uri } : { kind: "epc", epc: uri };
}

/** The GLN that a Digital Link or an SGLN names; a place inside it (254) is the place. */
function glnIn(uri: string): string | undefined {
  const link = parseDigitalLink(uri);
  const linked = link.ok ? link.elements.get("414") : undefined;
  if (linked !== undefined) return linked;
  const { epc } = parseEpc(uri);
  return epc?.scheme === "sgln" ? gs1KeysOf(epc).gln : undefined;
}

/** A tag by its key: the pure identity, or the digits of bits that are no EPC (TDS 2.0 §12). */
export const tagUri = (key: string): string =>
  /^[0-9A-F]+$/.test(key) ? `urn:epc:raw:${key.length * 4}.x${key}` : key;

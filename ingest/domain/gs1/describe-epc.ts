import { tagToHex } from "./epc-binary.ts";
import { epcOfDigitalLink } from "./epc-of-digital-link.ts";
import { digitalLinkOf, gs1KeysOf } from "./epc-keys.ts";
import type { Epc } from "./epc-schemes.ts";
import { readEpc } from "./epc-text.ts";
import { formatPureIdentity, formatTagUri } from "./epc-uri.ts";

/** What `GET /epc/{…}` answers, in the names of its JSON. */
export interface EpcDescription {
  /** `raw`: bits that are no EPC of the schemes we decode */
  scheme: Epc["scheme"] | "raw";
  /** pure identity; for a raw tag `urn:epc:raw:{bits}.x{hex}` (EPC TDS 2.0 §12) */
  uri: string;
  tag_uri?: string;
  hex?: string;
  base64?: string;
  filter?: number;
  gtin?: string;
  sscc?: string;
  gln?: string;
  /** 13 digits: the asset type without its serial */
  grai?: string;
  giai?: string;
  company_prefix?: string;
  serial: string | null;
  digital_link: string | null;
}

/** What a text alone cannot tell. */
export interface EpcHints {
  /** 0 to 7. A pure identity names no filter, and without one there are no bits to show */
  filter?: number | undefined;
  /** digits, 6 to 12. A Digital Link runs company prefix and reference together */
  companyPrefixLength?: number | undefined;
  /** our own, for links that begin with it */
  companyPrefix?: string | undefined;
}

/**
 * Describes an EPC given as hex, base64, tag URI, pure identity URI, or Digital Link. A Digital Link whose company prefix
 * nobody knows the length of is described by its keys, and is its own URI (EPC TDS 2.0 §6: both forms identify).
 * `undefined`: the text is none of these.
 */
export function describeEpc(text: string, hints: EpcHints = {}): EpcDescription | undefined {
  const read = readEpc(text);
  const epc = read.epc ?? epcOfDigitalLink(text, hints.companyPrefixLength) ?? ownEpc(text, hints.companyPrefix);
  if (!epc) return read.hex === undefined ? describeLink(text) : describeRaw(read.hex);
  return {
    scheme: epc.scheme,
    uri: formatPureIdentity(epc),
    ...tagFieldsOf(epc, read.filter ?? hints.filter),
    ...gs1KeysOf(epc),
    company_prefix: epc.companyPrefix,
    serial: epc.scheme === "sscc" || epc.scheme === "giai" ? epc.reference : epc.serial,
    digital_link: digitalLinkOf(epc),
  };
}

function tagFieldsOf(epc: Epc, filter: number | undefined): Partial<EpcDescription> {
  const hex = filter === undefined ? undefined : tagToHex({ epc, filter });
  if (hex === undefined || filter === undefined) return {};
  return { tag_uri: formatTagUri({ epc, filter }), hex, base64: Buffer.from(hex, "hex").toString("base64"), filter };
}

function ownEpc(link: string, companyPrefix: string | undefined): Epc | undefined {
  const epc = epcOfDigitalLink(link, companyPrefix?.length);
  return epc?.companyPrefix === companyPrefix ? epc : undefined;
}

/** What a Digital Link says by itself; `undefined` unless it names a single thing. */
function describeLink(text: string): EpcDescription | undefined {
  // Read with any length, its keys are the same: only their parts are not.
  const epc = epcOfDigitalLink(text, ANY_LENGTH);
  if (!epc) return undefined;
  const uri = digitalLinkOf(epc);
  const keys = gs1KeysOf(epc);
  const serial = epc.scheme === "sscc" || epc.scheme === "giai" ? null : epc.serial;
  return { scheme: epc.scheme, uri, ...keys, serial, digital_link: uri };
}

/** Of a company prefix, digits: the fewest, which leave something behind it in the shortest of keys. */
const ANY_LENGTH = 6;

function describeRaw(hex: string): EpcDescription {
  const base64 = Buffer.from(hex, "hex").toString("base64");
  return { scheme: "raw", uri: `urn:epc:raw:${hex.length * 4}.x${hex}`, hex, base64, serial: null, digital_link: null };
}

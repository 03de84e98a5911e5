import { tagToHex } from "./epc-binary.ts";
import { epcOfDigitalLink } from "./epc-of-digital-link.ts";
import { digitalLinkOf, gs1KeysOf } from "./epc-keys.ts";
import { encodingOfHeader } from "./epc-encodings.ts";
import { unescapeEpc } from "./epc-escapes.ts";
import { type Epc, hasSerial } from "./epc-schemes.ts";
import { type ParsedEpc, parseEpc } from "./epc-text.ts";
import { formatPureIdentity, formatTagUri } from "./epc-uri.ts";

/** The answer of `GET /epc/{…}`, with the names of its JSON. */
export interface EpcDescription {
  /** `raw`: bits of another scheme than those we decode */
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
  /** 13 digits: the document type without its serial */
  gdti?: string;
  /** 18 digits */
  gsrn?: string;
  /** 13 digits: the coupon without its serial */
  gcn?: string;
  /** company prefix and component part reference */
  cpid?: string;
  /** ITIP: number of the piece and how many there are, two digits each */
  piece?: string;
  company_prefix?: string;
  serial: string | null;
  digital_link: string | null;
}

/** Information that the text itself may lack. */
export interface EpcHints {
  /** 0 to 7. A pure identity has no filter, and without one its bits are undefined */
  filter?: number | undefined;
  /** digits, 6 to 12. A Digital Link does not separate company prefix and reference */
  companyPrefixLength?: number | undefined;
  /** our own; used for links that begin with it */
  companyPrefix?: string | undefined;
}

/**
 * Describes an EPC given as hex, base64, tag URI, pure identity URI, or Digital Link. If the length of the company prefix
 * of a Digital Link is unknown, it is described by its keys, with the link as its URI (EPC TDS 2.0 §6: both identify).
 * @returns undefined when the text is none of these
 */
export function describeEpc(text: string, hints: EpcHints = {}): EpcDescription | undefined {
  const read = parseEpc(text);
  const epc = read.epc ?? epcOfDigitalLink(text, hints.companyPrefixLength) ?? ownEpc(text, hints.companyPrefix);
  if (!epc) return read.hex === undefined ? describeLink(text) : describeRaw(read.hex);
  return {
    scheme: epc.scheme,
    uri: formatPureIdentity(epc),
    ...tagFieldsOf(epc, read, hints.filter),
    ...gs1KeysOf(epc),
    company_prefix: epc.companyPrefix,
    serial: unescapeEpc(hasSerial(epc.scheme) ? epc.serial : epc.reference),
    digital_link: digitalLinkOf(epc),
  };
}

/** The bits as they were read, else those of the shortest encoding. */
function tagFieldsOf(epc: Epc, read: ParsedEpc, hint: number | undefined): Partial<EpcDescription> {
  const filter = read.filter ?? hint;
  if (filter === undefined) return {};
  const hex = read.hex ?? tagToHex({ epc, filter });
  if (hex === undefined) return {};
  const encoding = encodingOfHeader(Number.parseInt(hex.slice(0, 2), 16))?.name;
  return {
    tag_uri: formatTagUri({ epc, filter }, encoding),
    hex,
    base64: Buffer.from(hex, "hex").toString("base64"),
    filter,
  };
}

function ownEpc(link: string, companyPrefix: string | undefined): Epc | undefined {
  const epc = epcOfDigitalLink(link, companyPrefix?.length);
  return epc?.companyPrefix === companyPrefix ? epc : undefined;
}

/** The description of a Digital Link by its keys; undefined unless it identifies a single object. */
function describeLink(text: string): EpcDescription | undefined {
  // The keys do not depend on the length of the company prefix; only their parts do.
  const epc = epcOfDigitalLink(text, ANY_PREFIX_LENGTH);
  if (!epc) return undefined;
  const uri = digitalLinkOf(epc);
  const keys = gs1KeysOf(epc);
  const serial = hasSerial(epc.scheme) ? unescapeEpc(epc.serial) : null;
  return { scheme: epc.scheme, uri, ...keys, serial, digital_link: uri };
}

/** Digits of a company prefix: the fewest, so that the shortest keys have a reference too. */
const ANY_PREFIX_LENGTH = 6;

function describeRaw(hex: string): EpcDescription {
  const base64 = Buffer.from(hex, "hex").toString("base64");
  return { scheme: "raw", uri: `urn:epc:raw:${hex.length * 4}.x${hex}`, hex, base64, serial: null, digital_link: null };
}

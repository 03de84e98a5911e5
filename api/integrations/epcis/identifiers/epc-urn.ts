import { withCheckDigit } from "../../../../ingest/domain/gs1/check-digit.ts";

/*
 * EPC URIs of all GS1 keys as Digital Links (EPC TDS 2.0 §6–7, CBV 2.0 §8.9): identities, classes and patterns. `ingest/domain/gs1` knows
 * those that are on tags; here are also parties, consignments and shipments, and the rules of the event hash: what an EPC URI escapes stays
 * escaped, and Digital Links escape some characters more.
 */

/** A character of a serial in an EPC URI (EPC TDS 2.0 §6.3). */
const CHARACTER = String.raw`(?:%2[125-9A-F]|%3[0-9A-F]|%4[1-9A-F]|%5[0-9AF]|%6[1-9A-F]|%7[0-9A]|[!')(*+,.0-9:;=A-Z_-])`;
/** … of a component part reference. */
const PART = String.raw`(?:%2[3DF]|%3[0-9]|%4[1-9A-F]|%5[0-9A]|[0-9A-Z-])`;

/** What Digital Links escape beside that (GS1 Digital Link: URI Syntax, table 7-1). */
const escapeForLink = (text: string): string =>
  text.replaceAll(/[!()*+,:]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** The digits of a key: company prefix and reference, together of this length. */
const key = (digits: number): string => `(?=[\\d.]{${digits + 1}}(?:\\.|$))(?<prefix>\\d{6,12})\\.(?<reference>\\d*)`;
const serial = (most: number): string => `(?<serial>${CHARACTER}{1,${most}})`;

type Fields = Readonly<Record<string, string>>;
/** What stands behind `urn:epc:id:sgtin:`, and the path of its Digital Link. */
type Layout = readonly [name: string, fields: string, link: (fields: Fields) => string];

/** Company prefix and reference in their order, with check digit. */
const plain = ({ prefix, reference }: Fields): string => withCheckDigit(`${prefix}${reference}`);
/** The first digit of the reference is printed first: the indicator of a GTIN, the extension of an SSCC. */
const leading = ({ prefix, reference = "" }: Fields): string =>
  withCheckDigit(`${reference.slice(0, 1)}${prefix}${reference.slice(1)}`);
const link = (text: string | undefined): string => escapeForLink(text ?? "");
/** A reference of any characters after the prefix. */
const openReference = `(?<prefix>\\d{6,12})\\.(?<reference>${CHARACTER}{1,24})`;

const gtin = (fields: Fields): string => `01/${leading(fields)}`;
const part = (fields: Fields): string => `8010/${link(`${fields.prefix}${fields.reference}`)}`;
const pieces = String.raw`\.(?<piece>\d\d)\.(?<total>\d\d)`;
const piece = (fields: Fields): string => `8006/${leading(fields)}${fields.piece}${fields.total}`;

const IDENTITIES: readonly Layout[] = [
  ["sgtin", `${key(13)}\\.${serial(20)}`, (f) => `${gtin(f)}/21/${link(f.serial)}`],
  ["sscc", key(17), (f) => `00/${leading(f)}`],
  [
    "sgln",
    `${key(12)}\\.${serial(20)}`,
    // Extension "0" means that there is none (EPC TDS 2.0 §7, SGLN).
    (f) => (f.serial === "0" ? `414/${plain(f)}` : `414/${plain(f)}/254/${link(f.serial)}`),
  ],
  ["grai", `${key(12)}\\.${serial(16)}`, (f) => `8003/0${plain(f)}${link(f.serial)}`],
  ["giai", openReference, (f) => `8004/${f.prefix}${link(f.reference)}`],
  ["gsrn", key(17), (f) => `8018/${plain(f)}`],
  ["gsrnp", key(17), (f) => `8017/${plain(f)}`],
  ["gdti", `${key(12)}\\.${serial(20)}`, (f) => `253/${plain(f)}${link(f.serial)}`],
  [
    "cpi",
    `(?<prefix>\\d{6,12})\\.(?<reference>${PART}{1,24})\\.(?<serial>\\d{1,12})`,
    (f) => `${part(f)}/8011/${f.serial}`,
  ],
  ["sgcn", `${key(12)}\\.(?<serial>\\d{1,12})`, (f) => `255/${plain(f)}${f.serial}`],
  ["ginc", openReference, (f) => `401/${f.prefix}${link(f.reference)}`],
  ["gsin", key(16), (f) => `402/${plain(f)}`],
  ["itip", `${key(13)}${pieces}\\.${serial(20)}`, (f) => `${piece(f)}/21/${link(f.serial)}`],
  ["upui", `${key(13)}\\.${serial(28)}`, (f) => `${gtin(f)}/235/${link(f.serial)}`],
  ["pgln", key(12), (f) => `417/${plain(f)}`],
];
const CLASSES: readonly Layout[] = [["lgtin", `${key(13)}\\.${serial(20)}`, (f) => `${gtin(f)}/10/${link(f.serial)}`]];
/** All of a class, whatever the serial. */
const PATTERNS: readonly Layout[] = [
  ["sgtin", `${key(13)}\\.\\*`, gtin],
  ["grai", `${key(12)}\\.\\*`, (f) => `8003/0${plain(f)}`],
  ["gdti", `${key(12)}\\.\\*`, (f) => `253/${plain(f)}`],
  ["sgcn", `${key(12)}\\.\\*`, (f) => `255/${plain(f)}`],
  ["cpi", `(?<prefix>\\d{6,12})\\.(?<reference>${PART}{1,24})\\.\\*`, part],
  ["itip", `${key(13)}${pieces}\\.\\*`, piece],
  ["upui", `${key(13)}\\.\\*`, gtin],
];

const compile = (kind: string, layouts: readonly Layout[]) =>
  layouts.map(
    ([name, fields, path]) => [`${kind}:${name}`, { pattern: new RegExp(`^${fields}$`, "i"), path }] as const,
  );
const LAYOUTS = new Map([...compile("id", IDENTITIES), ...compile("class", CLASSES), ...compile("idpat", PATTERNS)]);

/** The Digital Link of an EPC URI: `urn:epc:id:…`, `urn:epc:class:…` or `urn:epc:idpat:…`; undefined for what is none. */
export function digitalLinkOfUrn(uri: string): string | undefined {
  const match = /^urn:epc:(id|class|idpat):([a-z]+):(.*)$/.exec(uri);
  if (!match) return undefined;
  const layout = LAYOUTS.get(`${match[1]}:${match[2]}`);
  const groups = layout?.pattern.exec(match[3]!)?.groups;
  return layout && groups && `https://id.gs1.org/${layout.path(groups)}`;
}

/** Decodes the percent-escapes of an EPC URI. They are ASCII only (`parseFields` in epc-uri.ts checks that). */
export const unescapeEpc = (text: string): string =>
  text.includes("%")
    ? text.replaceAll(/%([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;

/** Escapes the characters that an EPC URI must escape (EPC TDS 2.0 §5.4). */
export const escapeEpc = (text: string): string =>
  text.replaceAll(/["%&/<>?#]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

import { z } from "zod";

/** Whole bytes, as most readers print them. */
const HEX = "(?:[0-9A-Fa-f]{2})+";
/**
 * Words of 16 bits, at least four of them, as Impinj readers send them (RFC 4648 §4, or §5; with or without padding). The
 * last character of a group that is not full holds bits that must be zero: so hardly a word of any language passes.
 */
const BASE64 =
  "(?:[A-Za-z0-9+/_-]{8})+(?:[A-Za-z0-9+/_-]{8}|[A-Za-z0-9+/_-]{2}[AEIMQUYcgkosw048]=?|[A-Za-z0-9+/_-]{5}[AQgw](?:==)?)";
/** Pure identity, tag and raw URI (EPC TDS 2.0 §6, §12), of any scheme; what it names is for the reader of the URI to say. */
const URI = "[Uu][Rr][Nn]:[Ee][Pp][Cc]:(?:[Ii][Dd]|[Tt][Aa][Gg]|[Rr][Aa][Ww]):[A-Za-z0-9.:%!'()*+,;=_-]+";

/** What names a tag: hex, base64 or an EPC URI. Bits without an EPC of ours in them (another header, broken fields) are a tag all the same. */
export const epcText = z
  .string()
  .max(256)
  .regex(new RegExp(`^(?:${HEX}|${BASE64}|${URI})$`), "expected an EPC: hex, base64 or an EPC URI");

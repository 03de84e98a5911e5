import { z } from "zod";

/** Whole bytes in hex, the form of most readers. */
const HEX = "(?:[0-9A-Fa-f]{2})+";
/**
 * At least four words of 16 bits in base64, the form of Impinj readers (RFC 4648 §4 or §5, with or without padding). The
 * unused bits of the last character must be zero, so hardly any word of a language matches by chance.
 */
const BASE64 =
  "(?:[A-Za-z0-9+/_-]{8})+(?:[A-Za-z0-9+/_-]{8}|[A-Za-z0-9+/_-]{2}[AEIMQUYcgkosw048]=?|[A-Za-z0-9+/_-]{5}[AQgw](?:==)?)";
/** Pure identity, tag or raw URI (EPC TDS 2.0 §6, §12) of any scheme. Whether the scheme is known is checked by ingest. */
const URI = "[Uu][Rr][Nn]:[Ee][Pp][Cc]:(?:[Ii][Dd]|[Tt][Aa][Gg]|[Rr][Aa][Ww]):[A-Za-z0-9.:%!'()*+,;=_-]+";

/** The identity of a tag: hex, base64 or an EPC URI. Bits that encode no known EPC (another header, broken fields) pass too. */
export const epcText = z
  .string()
  .max(256)
  .regex(new RegExp(`^(?:${HEX}|${BASE64}|${URI})$`), "expected an EPC: hex, base64 or an EPC URI");

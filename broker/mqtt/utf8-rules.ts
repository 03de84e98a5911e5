/**
 * Checks an MQTT string (MQTT 3.1.1 section 1.5.3) in place: well-formed UTF-8, no surrogates [MQTT-1.5.3-1], no U+0000
 * [MQTT-1.5.3-2], and no control characters or non-characters, which that section allows a receiver to reject.
 */
export function isValidText(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      if (first < 0x20 || first === 0x7f) return false;
      continue;
    }
    const extra =
      first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
    if (extra === 0 || at + extra > end) return false;
    let point = first & (0x3f >> extra);
    for (let i = 0; i < extra; i++) {
      const next = bytes[at++]!;
      if ((next & 0xc0) !== 0x80) return false;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < (extra === 1 ? 0x80 : extra === 2 ? 0x800 : 0x10000) || point > 0x10ffff) return false;
    if (point < 0xa0 || (point >= 0xd800 && point <= 0xdfff) || (point & 0xfffe) === 0xfffe) return false;
    if (point >= 0xfdd0 && point <= 0xfdef) return false;
  }
  return true;
}

const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** Whether the text contains `+` or `#`, which a topic name must not [MQTT-3.3.2-2]. */
export function hasWildcard(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === HASH || bytes[at] === PLUS) return true;
  return false;
}

/** Whether `#` stands only in the last level [MQTT-4.7.1-2], and both wildcards only as a whole level [MQTT-4.7.1-3]. */
export function isValidFilter(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== HASH && byte !== PLUS) continue;
    if (at > start && bytes[at - 1] !== SLASH) return false;
    if (at + 1 < end && (byte === HASH || bytes[at + 1] !== SLASH)) return false;
  }
  return true;
}

/**
 * Reads the notation of the public packet sequences: `'text'`, `iN` 8 bit, `HN kN mN sN` 16 bit, `LN` 32 bit, `vN rN`
 * variable-length integer (MQTT 3.1.1 section 2.2.3, and beyond its limit where a case wants that), anything else hex.
 */
export function bytesOf(notation: string): Buffer {
  const tokens = notation.match(/'[^']*'|\S+/g) ?? [];
  return Buffer.concat(tokens.map(bytesOfToken));
}

function bytesOfToken(token: string): Buffer {
  if (token.startsWith("'")) return Buffer.from(token.slice(1, -1));
  const value = Number(token.slice(1));
  switch (token[0]) {
    case "i":
      return Buffer.from([value]);
    case "H":
    case "k":
    case "m":
    case "s":
      return Buffer.from([value >> 8, value & 0xff]);
    case "L": {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }
    case "v":
    case "r":
      return variableLength(value);
    default:
      if (!/^([0-9A-Fa-f]{2})+$/.test(token)) throw new Error(`not in the notation: ${token}`);
      return Buffer.from(token, "hex");
  }
}

function variableLength(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  do {
    digits.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(digits);
}

import type { Layout } from "./layout.ts";

/**
 * A label in ZPL II, for printers with the dots per millimetre that it was laid out with. The symbols are boxes (^GB), so that
 * every printer draws them alike; texts are in its own scalable font (^A0), in UTF-8 (^CI28).
 */
export function zplOf({ width, height, boxes, texts }: Layout): string {
  return [
    "^XA",
    "^CI28",
    `^PW${width}`,
    `^LL${height}`,
    "^LH0,0",
    // A box whose line is as thick as its shorter side is filled.
    ...boxes.map(({ x, y, width: w, height: h }) => `^FO${x},${y}^GB${w},${h},${Math.min(w, h)}^FS`),
    ...texts.map(({ x, y, size, text }) => `^FO${x},${y}^A0N,${size}^FH^FD${escaped(text)}^FS`),
    "^XZ",
    "",
  ].join("\n");
}

/** What ZPL would take for a command, as its bytes (^FH: `_` and two digits). */
const escaped = (text: string): string =>
  text.replaceAll(/[_^~]/g, (character) => `_${character.charCodeAt(0).toString(16).toUpperCase()}`);

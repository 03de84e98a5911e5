import type { Layout } from "./layout.ts";
import { escapeXml } from "../../http/escape-xml.ts";

/** A label as SVG of its size in millimetres. */
export function svgOf({ widthMm, heightMm, width, height, boxes, texts }: Layout): string {
  const path = boxes.map(({ x, y, width: w, height: h }) => `M${x} ${y}h${w}v${h}h-${w}z`).join("");
  const lines = texts.map(
    ({ x, y, size, text }) =>
      `<text x="${x}" y="${y + Math.round(size * 0.8)}" font-size="${size}">${escapeXml(text)}</text>\n`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#fff"/>
<path d="${path}" fill="#000" shape-rendering="crispEdges"/>
<g font-family="'DejaVu Sans', Verdana, sans-serif" fill="#000">
${lines.join("")}</g>
</svg>
`;
}

import { escapeXml } from "../../../http/escape-xml.ts";
import { isoTimesOf } from "./iso-times.ts";
import type { TrackPoint } from "./simplify.ts";

/** A track as GPX 1.1 (https://www.topografix.com/GPX/1/1/): one track of one segment, times in UTC. */
export function gpxOf(name: string, points: readonly TrackPoint[]): string {
  const times = isoTimesOf(points);
  const fixes = points.map(
    ({ lat, lon }, at) => `<trkpt lat="${lat}" lon="${lon}"><time>${times[at]}</time></trkpt>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Waystock" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>${escapeXml(name)}</name><trkseg>
${fixes.join("")}</trkseg></trk>
</gpx>
`;
}

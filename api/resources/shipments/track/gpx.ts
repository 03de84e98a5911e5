import { escapeXml } from "../../../http/escape-xml.ts";
import { ByteText } from "./byte-text.ts";
import type { TrackPoints } from "./track-points.ts";

/** Of one fix, at most. */
const FIX_BYTES = 110;

/** A track as GPX 1.1 (https://www.topografix.com/GPX/1/1/): one track of one segment, times in UTC. */
export function gpxOf(name: string, { lon, lat, ts }: TrackPoints): Buffer {
  const gpx = new ByteText(FIX_BYTES * (ts.length + 4)).text(`<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Waystock" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>${escapeXml(name)}</name><trkseg>
`);
  for (let at = 0; at < ts.length; at += 1) {
    gpx.ascii('<trkpt lat="').number(lat[at]!).ascii('" lon="').number(lon[at]!);
    gpx.ascii('"><time>').time(ts[at]!).ascii("</time></trkpt>\n");
  }
  return gpx.ascii("</trkseg></trk>\n</gpx>\n").bytes();
}

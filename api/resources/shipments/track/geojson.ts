import { ByteText } from "./byte-text.ts";
import type { TrackPoints } from "./track-points.ts";

/** Of one fix with its time and speed, usually at most. */
const FIX_BYTES = 70;

/** A track as a GeoJSON feature (RFC 7946). */
export function geoJsonOf(shipmentId: number, { lon, lat, ts, speed }: TrackPoints): Buffer {
  const json = new ByteText(FIX_BYTES * (ts.length + 4)).ascii('{"type":"Feature","geometry":');
  const count = ts.length;
  const position = (at: number) => json.ascii("[").number(lon[at]!).ascii(",").number(lat[at]!).ascii("]");
  if (count === 0) json.ascii("null");
  // RFC 7946 §3.1.4: a line has two or more positions.
  else if (count === 1) {
    json.ascii('{"type":"Point","coordinates":');
    position(0).ascii("}");
  } else {
    json.ascii('{"type":"LineString","coordinates":[');
    for (let at = 0; at < count; at += 1) {
      if (at > 0) json.ascii(",");
      position(at);
    }
    json.ascii("]}");
  }
  json.ascii(`,"properties":{"shipment_id":${shipmentId},"coordTimes":[`);
  for (let at = 0; at < count; at += 1)
    json
      .ascii(at > 0 ? ',"' : '"')
      .time(ts[at]!)
      .ascii('"');
  json.ascii('],"speeds":[');
  for (let at = 0; at < count; at += 1) json.ascii(at > 0 ? "," : "").number(speed[at]!);
  return json.ascii("]}}").bytes();
}

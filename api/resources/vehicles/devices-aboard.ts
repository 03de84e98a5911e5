import { msOfTime } from "../../http/sql-time.ts";

/** Devices on these vehicles, each while it was mounted there: it may have come from another, or gone to one. */
export const ABOARD = `aboard AS MATERIALIZED (SELECT (m.mount ->> 'vehicle_id')::int AS vehicle_id, m.device_id, m.since, coalesce(m.until, 'infinity') AS until
        FROM (SELECT device_id, mount, since, lead(since) OVER (PARTITION BY device_id ORDER BY since) AS until FROM device_mounts
          WHERE device_id IN (SELECT device_id FROM device_mounts WHERE mount ? 'vehicle_id' AND (mount ->> 'vehicle_id')::int = ANY($1::int[]))) m
        WHERE (m.mount ->> 'vehicle_id')::int = ANY($1::int[]))`;
/** A reading of such a device, of its time there. */
export const OF_ABOARD = "r.device_id = a.device_id AND r.ts >= a.since AND r.ts < a.until";

/** When the driver of a sign-on `f` signed on, epoch milliseconds: one that is told again has done so before. */
export const SIGNED_ON_AT = `coalesce((f.data ->> 'since')::float8, ${msOfTime("f.at")})`;

-- Up Migration

-- Facts that name a vehicle depend on where it was then, which facts of the vehicle tell that are up to this much older or
-- newer. Here alone stands how much.
CREATE FUNCTION around_vehicle() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '12 hours' $$;

-- As before (0009), with that interval by its name.
CREATE OR REPLACE FUNCTION subjects_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, subject text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH direct (shipment_id, subject, since, until) AS (
    SELECT id, 'shipment:' || id, NULL::timestamptz, NULL::timestamptz FROM unnest(ids) AS id
    UNION ALL SELECT t.shipment_id, 'tag:' || t.epc, t.since, t.until FROM tags_of_shipments(ids) t
  )
  SELECT * FROM direct
  UNION ALL
  SELECT d.shipment_id, 'vehicle:' || (f.data ->> 'vehicleId'), min(f.at) - around_vehicle(), NULL
  FROM direct d JOIN facts f ON f.subject = d.subject AND f.at >= coalesce(d.since, '-infinity') AND f.at < coalesce(d.until, 'infinity')
  WHERE f.data ->> 'vehicleId' IS NOT NULL AND f.withdrawn_at IS NULL GROUP BY 1, 2
$$;

-- Up Migration

-- A vehicle's arrivals and departures bear on what was loaded on it, scanned by its scanner or heard by its reader around
-- that time: these facts name the vehicle.
CREATE INDEX facts_vehicle ON facts (((data ->> 'vehicleId')::int), at) WHERE data ? 'vehicleId' AND withdrawn_at IS NULL;

-- Whose facts make the history of a shipment, and of which time: its own, those of its tags while they identify it, and
-- those of the vehicles that its facts name, from 12 hours before the first of these: they tell where the vehicle was.
CREATE FUNCTION subjects_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, subject text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH direct (shipment_id, subject, since, until) AS (
    SELECT id, 'shipment:' || id, NULL::timestamptz, NULL::timestamptz FROM unnest(ids) AS id
    UNION ALL SELECT t.shipment_id, 'tag:' || t.epc, t.since, t.until FROM tags_of_shipments(ids) t
  )
  SELECT * FROM direct
  UNION ALL
  SELECT d.shipment_id, 'vehicle:' || (f.data ->> 'vehicleId'), min(f.at) - interval '12 hours', NULL
  FROM direct d JOIN facts f ON f.subject = d.subject AND f.at >= coalesce(d.since, '-infinity') AND f.at < coalesce(d.until, 'infinity')
  WHERE f.data ->> 'vehicleId' IS NOT NULL AND f.withdrawn_at IS NULL GROUP BY 1, 2
$$;

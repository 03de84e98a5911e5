-- Up Migration

-- As before (0014), but always by the index of subjects: the planner cannot know how few subjects there are, and may read all
-- facts. `OFFSET 0` keeps the subquery as it is.
CREATE OR REPLACE FUNCTION subjects_of_shipments(ids integer[]) RETURNS TABLE (shipment_id integer, subject text, since timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
  WITH direct (shipment_id, subject, since, until) AS (
    SELECT id, 'shipment:' || id, NULL::timestamptz, NULL::timestamptz FROM unnest(ids) AS id
    UNION ALL SELECT t.shipment_id, 'tag:' || t.epc, t.since, t.until FROM tags_of_shipments(ids) t
  )
  SELECT * FROM direct
  UNION ALL
  SELECT d.shipment_id, 'vehicle:' || f.vehicle_id, min(f.at) - around_vehicle(), NULL
  FROM direct d CROSS JOIN LATERAL (
    SELECT data ->> 'vehicleId' AS vehicle_id, at FROM facts
    WHERE facts.subject = d.subject AND at >= coalesce(d.since, '-infinity') AND at < coalesce(d.until, 'infinity')
      AND data ->> 'vehicleId' IS NOT NULL AND withdrawn_at IS NULL OFFSET 0
  ) AS f GROUP BY 1, 2
$$;

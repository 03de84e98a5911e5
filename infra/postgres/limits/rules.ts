/*
 * What a principal with limits may see, table by table. A principal (a user or an API client) may be limited to locations,
 * with everything below them, and to owners. For it the names of these tables mean views (limited-views.ts), in reads and in
 * writes alike, so that no query of the API can forget the limits. Queries of principals
 * without limits are not touched. Why so: docs/decisions/23-limits.md.
 */

/** Which limits a principal has. Each kind has views of its own, so that Postgres plans no condition that never holds. */
export interface LimitKind {
  places: boolean;
  owners: boolean;
}

export interface Rule {
  /** what may be seen, as a condition on a row of the table */
  visible: string;
  /** a new or changed row must be visible too; not where that shows only when its parts are written */
  checked?: true;
}

/** What may be seen, by the name of the table. In order: a rule may refer to the views before it, which are in `schema`. */
export function rulesOf({ places, owners }: LimitKind, schema: string): Readonly<Record<string, Rule>> {
  /**
   * One of these columns holds one of the principal's ids, or one of `others` holds. Said twice: the first form costs a row
   * next to nothing, by the second Postgres finds the rows in indexes and knows how many there will be.
   */
  const among = (ids: "places" | "owners", columns: readonly string[], others: readonly string[] = []): string => {
    const either = (of: (column: string) => string): string => `(${[...others, ...columns.map(of)].join(" OR ")})`;
    const first = either((column) => `${column} IN (SELECT unnest(limited.${ids}()))`);
    return `${first} AND ${either((column) => `${column} = ANY (limited.${ids}())`)}`;
  };
  /** The location in one of these columns is one of the principal's. */
  const place = (...columns: string[]): string => (places ? among("places", columns) : "true");
  /** The owner in this column is one of the principal's. What has no owner is nobody's. */
  const owner = (column: string): string => (owners ? among("owners", [column]) : "true");
  /** There is such a row of a table that may be seen. */
  const some = (table: string, condition: string): string =>
    `EXISTS (SELECT FROM ${schema}.${table} p WHERE ${condition})`;

  // Follows from the rest: by it Postgres passes over devices that were never at one of the places, many at a time.
  const onceMounted = (id: string): string => `(${id} IN (
      SELECT device_id FROM public.device_mounts WHERE (mount ->> 'location_id')::integer = ANY (limited.places()))
    OR ${id} IN (SELECT m.device_id FROM ${schema}.shipments p
      JOIN public.device_mounts m ON m.mount ? 'vehicle_id' AND (m.mount ->> 'vehicle_id')::integer = p.vehicle_id)
    OR ${id} IN (SELECT m.device_id FROM ${schema}.shipments p
      JOIN public.device_mounts m ON m.mount ? 'shipment_id' AND (m.mount ->> 'shipment_id')::integer = p.id))`;
  const placed = ["created_by = (SELECT limited.user_id())", "created_by_client = (SELECT limited.client_id())"];

  return {
    // A location, and what lies below it, a new one included. Owners do not own places.
    locations: { visible: place("id", "parent_id"), checked: true },
    // Of the owners only those of the limit. Customers, suppliers and carriers are common to all, like the catalogue.
    parties: {
      visible: owners ? among("owners", ["id"], ["NOT roles @> '[\"owner\"]'"]) : "true",
      checked: true,
    },
    // A shipment that is at, comes from or goes to one of the locations; and of one of the owners.
    shipments: {
      visible: `${place("location_id", "origin_id", "destination_id")} AND ${owner("owner_id")}`,
      checked: true,
    },
    shipment_lines: { visible: some("shipments", "p.id = shipment_id"), checked: true },
    tracking_links: { visible: some("shipments", "p.id = shipment_id"), checked: true },
    inventory: { visible: some("shipments", "p.id = shipment_id") },
    // What happened at one of the locations, whose goods it ever was of; on the road, of shipments that may be seen. And the sums of it.
    shipment_stays: {
      visible: `(${place("location_id")} OR location_id IS NULL AND ${some("shipments", "p.id = shipment_id")}) AND ${owner("owner_id")}`,
    },
    place_hours: { visible: `${place("location_id")} AND ${owner("owner_id")}` },
    handling_units: { visible: some("shipments", "p.id = shipment_id"), checked: true },
    inventory_items: { visible: `${place("location_id")} AND ${owner("owner_id")}`, checked: true },
    movements: { visible: some("inventory_items", "p.id = inventory_item_id") },
    stock_hours: { visible: some("inventory_items", "p.id = inventory_item_id") },
    cycle_counts: { visible: some("inventory_items", "p.id = inventory_item_id"), checked: true },
    stock_lots: { visible: some("inventory_items", "p.id = inventory_item_id") },
    lot_movements: { visible: some("inventory_items", "p.id = inventory_item_id") },
    shipment_lots: { visible: some("shipments", "p.id = shipment_id"), checked: true },
    // A piece by where it is, or was last: there the item must be kept for an owner that may be seen.
    serials: {
      visible: owners
        ? some("inventory_items", "p.item_id = serials.item_id AND p.location_id = serials.location_id AND p.is_main")
        : place("location_id"),
    },
    // What went from or came to one of the locations. Assets have no owner: under a limit to owners those that went with a
    // shipment of one of them.
    asset_movements: {
      visible: `${place("location_id")} AND ${owners ? some("shipments", "p.id = asset_movements.shipment_id") : "true"}`,
      checked: true,
    },
    assets: { visible: some("asset_movements", "p.id = movement_id") },
    // An order that comes from or goes to one of the locations, of goods of one of the owners. The principal sees each order that it has
    // placed, wherever it goes and whoever owns the goods.
    orders: {
      visible: !owners
        ? among("places", ["location_id", "ship_from_id", "ship_to_id"], placed)
        : places
          ? `(${placed.join(" OR ")} OR ${place("location_id", "ship_from_id", "ship_to_id")} AND ${owner("owner_id")})`
          : among("owners", ["owner_id"], placed),
      checked: true,
    },
    order_lines: { visible: some("orders", "p.id = order_id") },
    order_units: { visible: some("orders", "p.id = order_id") },
    reservations: { visible: some("inventory_items", "p.id = inventory_item_id") },
    // What a pick list asks for at other places is for others.
    pick_tasks: { visible: some("inventory_items", "p.id = inventory_item_id") },
    pick_lists: { visible: `id IN (SELECT pick_list_id FROM ${schema}.pick_tasks)` },
    // A vehicle drives everywhere: it may be seen, and loaded, unless all that is aboard is foreign. No EXISTS: Postgres would
    // read all shipments first, where a page needs those of a few vehicles.
    vehicles: {
      visible: `(SELECT true FROM public.shipments s WHERE s.vehicle_id = vehicles.id LIMIT 1) IS NULL
        OR (SELECT true FROM ${schema}.shipments p WHERE p.vehicle_id = vehicles.id LIMIT 1)`,
    },
    vehicle_positions: { visible: some("vehicles", "p.id = vehicle_positions.vehicle_id") },
    // A trip that stops at one of the locations; of its stops those. Under a limit to owners the stops at which goods of one of
    // them are loaded or unloaded. Where it stood unplanned is told with the place, to those who may see all goods.
    trip_stop_shipments: { visible: some("shipments", "p.id = shipment_id") },
    trip_stops: {
      visible: `${place("location_id")} AND ${owners ? some("trip_stop_shipments", "p.trip_id = trip_stops.trip_id AND p.sequence = trip_stops.sequence") : "true"}`,
    },
    trips: { visible: `id IN (SELECT trip_id FROM ${schema}.trip_stops)` },
    trip_unplanned_stops: { visible: owners ? "false" : place("location_id") },
    // A picture or a file by what it is of. Items are common to all.
    attachments: {
      visible: `CASE WHEN shipment_id IS NOT NULL THEN ${some("shipments", "p.id = shipment_id")}
        WHEN location_id IS NOT NULL THEN ${some("locations", "p.id = location_id")}
        WHEN party_id IS NOT NULL THEN ${some("parties", "p.id = party_id")}
        WHEN vehicle_id IS NOT NULL THEN ${some("vehicles", "p.id = attachments.vehicle_id")} ELSE true END`,
      checked: true,
    },
    // A device by its mount of now: its location, and for a scale the stock above it; on a vehicle while a shipment that may
    // be seen is aboard, and on such a shipment itself. One without a mount is nobody's.
    devices: {
      visible: `EXISTS (SELECT FROM (SELECT mount, (mount ->> 'location_id')::integer AS location_id, (mount ->> 'item_id')::integer AS item_id,
            (mount ->> 'vehicle_id')::integer AS vehicle_id, (mount ->> 'shipment_id')::integer AS shipment_id
          FROM public.device_mounts WHERE device_id = devices.id AND since <= now() ORDER BY since DESC LIMIT 1) m
        WHERE ${some("shipments", "p.vehicle_id = m.vehicle_id")}
          OR m.shipment_id IS NOT NULL AND ${some("shipments", "p.id = m.shipment_id")}
          OR m.location_id IS NOT NULL AND ${place("m.location_id")}
            AND ${owners ? `(m.item_id IS NULL OR ${some("inventory_items", "p.item_id = m.item_id AND p.location_id = m.location_id AND p.is_main")})` : "true"})
        AND ${places ? onceMounted("id") : "true"}`,
    },
    // An alert by what it is about. What is about no thing, such as devices that are not registered, is for those without limits.
    // How full a place is tells of the goods of all owners. One about the load of a trip names goods: all of them must be visible.
    alerts: {
      visible: `CASE WHEN inventory_item_id IS NOT NULL THEN ${some("inventory_items", "p.id = inventory_item_id")}
        WHEN device_id IS NOT NULL THEN (SELECT true FROM ${schema}.devices p WHERE p.id = device_id)
        WHEN vehicle_id IS NOT NULL THEN ${some("vehicles", "p.id = vehicle_id")}
        WHEN shipment_id IS NOT NULL THEN ${some("shipments", "p.id = shipment_id")}
        WHEN trip_id IS NOT NULL THEN ${some("trip_stops", "p.trip_id = alerts.trip_id AND p.sequence = (detail ->> 'sequence')::integer")}
          AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(detail -> 'shipment_ids') AS named WHERE NOT ${some("shipments", "p.id = named::integer")})
        WHEN type = 'capacity' AND ${!owners} THEN ${place("location_id")} ELSE false END`,
    },
    // An event at one of the locations, about goods of one of the owners. What happened elsewhere, or at a place that is not known here, is
    // not theirs.
    epcis_terms: { visible: `${place("location_id")} AND ${owner("owner_id")}` },
    epcis_subscriptions: { visible: `(${placed.join(" OR ")})` },
    epcis_events: { visible: `${place("location_id")} AND ${owner("owner_id")}` },
    // No EXISTS: Postgres would join all devices first, where a page needs a few.
    quarantine: {
      visible: `${places ? onceMounted("device_id") : "true"} AND (SELECT true FROM ${schema}.devices p WHERE p.id = device_id)`,
    },
  };
}

/**
 * The other tables that endpoints open to principals with limits use, and why they are not limited. A table must be here or
 * above, or hold nothing of goods and places (test/infra/postgres/limits.test.ts).
 */
export const NOT_LIMITED: Readonly<Record<string, string>> = {
  items: "the catalogue is common to all",
  picks: "read by the id of an order that was found",
  lots: "common to all, like the catalogue: where they are is limited",
  asset_types: "common to all, like the catalogue",
  drivers: "common to all, like vehicles",
  trip_drivers: "written for a trip that was found",
  lot_holds: "read by the id of a lot that was found",
  facts: "read by the id of a subject that was found",
  label_tokens: "read by the id of a link that was found",
  shipment_texts: "searched for shipments that may be seen",
  shipment_tags: "read by the id of a shipment that was found",
  shipment_on_vehicle: "read by the id of a shipment that was found",
  device_mounts: "read by the id of a device or a shipment that was found",
  device_states: "read by the id of a device that was found",
  device_connections: "read by the id of a device that was found",
  device_messages: "read by the id of a device that was found",
  device_credentials: "read by the id of a device that was found",
  calibrations: "written for a device that was found",
  device_warnings: "read by the id of a device that was found",
  silent_readers: "read by the location of an inventory item that was found",
  quarantine_hours: "read by the id of a device that was found",
  late_windows: "written for a device that was found",
  shortages: "kept by ingest alone",
  stays_to_derive: "kept by ingest alone",
  place_hours_due: "what is due, which is asked for its age alone",
  stock_hours_due: "what is due, which is asked for its age alone",
  report_schedules: "read by those without limits",
  report_deliveries: "read by those without limits",
  vehicle_trails: "kept by ingest alone",
  custody_entries: "read by the id of a shipment that was found",
  custody_heads: "kept by ingest alone",
  arrival_estimates: "read by the id of a shipment that was found",
  lane_runs: "kept by ingest alone",
  trip_stop_etas: "read by the stop of a trip that was found",
  stop_dwells: "kept by ingest alone",
  vehicle_legs: "kept by ingest alone",
  default_locations: "joined to locations that may be seen",
  eta_checks: "read for lanes between locations that may be seen",
  ledger_checks: "read by those without limits",
  custom_fields: "what fields there are is common to all",
  custom_values: "finds ids, which are shown only when their rows may be seen",
  attachment_pieces: "read by the id of an attachment that was found",
  search_words: "finds ids, which are shown only when their rows may be seen",
  alert_events: "read by the id of an alert that was found",
  epcis_queries: "what is asked is common to all: each is answered what it may see",
  epcis_ended_page_tokens: "random ids",
  outbox: "written by ingest, read by the relay",
  outbound_events: "written and read by the relay",
  epcis_captures: "read by those without limits",
  told_facts: "written and read by the relay",
  epcis_names: "written and read by the relay",
  epcis_tellings: "read by the id of a shipment that was found",
  epcis_meanings: "read by those without limits",
  epcis_meaning_things: "read by those without limits",
  epcis_shipments: "written by the relay; read by the id of a shipment that was found",
  event_followers: "written and read by the relay",
  webhooks: "maintained by administrators without limits",
  webhook_secrets: "written for a new endpoint, read by the relay",
  webhook_deliveries: "written by the relay, read by administrators without limits",
  erp_connections: "maintained by administrators without limits",
  erp_cursors: "written and read by the relay",
  erp_documents: "written by the relay, read by administrators without limits",
  erp_levels: "written and read by the relay",
  erp_changes: "written and read by the relay",
  erp_conflicts: "written by the relay, read by administrators without limits",
  notification_secrets: "written for a new rule, read by the relay",
  push_keys: "the public key is for everybody; the other is read by the relay",
  push_subscriptions: "of the signed-in person",
  push_receipts: "written and read by the relay",
  notification_rules: "read by those without limits; its name with the deliveries of an alert that was found",
  notification_deliveries: "read by the id of an alert that was found",
  notification_alerts: "read by the id of an alert that was found",
  reading_flags: "read by the id of a device that was found",
};

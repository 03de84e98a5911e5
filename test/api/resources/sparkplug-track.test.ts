import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";

const T = Date.parse("2026-05-04T06:00:00Z");
const DOUBLE = 10;

test("what a Sparkplug edge node sends of itself and of the devices behind it is on the track of the shipment aboard", async ({
  api,
  rig,
  world,
  operator,
}) => {
  const hub = await world.location("hub", "storage");
  const truck = await world.vehicle("truck");
  // The tracker behind the edge node is a device of its own; the other one behind it is a part of the edge node.
  await world.device("edge", "gateway", { vehicle_id: truck }, "sparkplug-b");
  await world.device("tracker", "gps", { vehicle_id: truck }, "sparkplug-b");
  const { body: shipment } = await operator("POST /shipments", {
    product_name: "Milk",
    quantity: 5,
    location: hub,
    at: new Date(T - 60_000).toISOString(),
  });
  const at = `/shipments/${String(shipment["id"])}`;
  await operator(`POST ${at}/load`, { vehicle_id: truck, at: new Date(T).toISOString() });

  let seq = 0;
  const publish = (type: string, child: string, second: number, values: Record<string, number>, born = false) => {
    const metrics = Object.entries(values).map(([name, doubleValue], index) =>
      born
        ? { name, alias: index + 10 * child.length, datatype: DOUBLE, doubleValue }
        : { alias: index + 10 * child.length, doubleValue },
    );
    const payload = encodeSparkplug({ timestamp: T + second * 1000, seq: seq++, metrics });
    const topic = `spBv1.0/plant/${type}/edge${child && `/${child}`}`;
    const message = { receivedAt: T + second * 1000 + 500, clientId: "edge", topic, payload };
    return new Promise<void>((resolve, reject) =>
      rig.journal.append(message, (error) => (error ? reject(error) : resolve())),
    );
  };
  await publish("NBIRTH", "", 1, { latitude: 48.1, longitude: 11.5 }, true);
  await publish("DBIRTH", "tracker", 2, { latitude: 48.1001, longitude: 11.5 }, true);
  await publish("DBIRTH", "phone", 3, { latitude: 48.1002, longitude: 11.5 }, true);
  await publish("NDATA", "", 11, { latitude: 48.101 });
  await publish("DDATA", "tracker", 12, { latitude: 48.1011 });
  await publish("DDATA", "phone", 13, { latitude: 48.1012 });
  await rig.settled();
  const { rows } = await api.db.pool.query(
    "SELECT device_id, count(*)::int AS n FROM gps_readings GROUP BY 1 ORDER BY 1",
  );
  expect(rows).toEqual([
    { device_id: "edge", n: 4 },
    { device_id: "tracker", n: 2 },
  ]);
  const { geometry } = (await operator(`GET ${at}/track`)).body as { geometry: { coordinates: number[][] } };
  expect(geometry.coordinates.map(([, lat]) => lat)).toEqual([48.1, 48.1001, 48.1002, 48.101, 48.1011, 48.1012]);
});

import mqtt from "mqtt-packet";
import { expect, test } from "vitest";
import { scaleReading } from "../../broker/contract/scale.ts";
import { Scale, UNIT_WEIGHT_GRAMS } from "../../infra/bench/load/scale.ts";
import { seedScales } from "../../infra/bench/scales.ts";
import { startApi } from "../api/support.ts";

/** The topic and payload of the next message. */
function nextMessage(scale: Scale, readings: number): { topic: string; payload: unknown } {
  const template = scale.template(readings);
  const bytes = Buffer.alloc(template.packet.length);
  scale.write(bytes, 0, 7, template);
  let message: { topic: string; payload: unknown } | undefined;
  const parser = mqtt.parser();
  parser.on("packet", (packet) => {
    if (packet.cmd === "publish")
      message = { topic: packet.topic, payload: JSON.parse(packet.payload.toString()) as unknown };
  });
  parser.parse(bytes);
  return message!;
}

test("a scale of the bench sends settled weights of whole pieces, one piece less or more a minute", () => {
  const startsAt = Date.UTC(2026, 0, 1);
  const scale = new Scale({ deviceId: "s", phase: 19, startsAt });
  const levels = new Set<number>();
  for (let at = 0; at < 180; at += 3) {
    const { topic, payload } = nextMessage(scale, 3);
    expect(topic).toBe("devices/s/scale");
    for (const [index, each] of (payload as unknown[]).entries()) {
      const { ts, grams, stable } = scaleReading.parse(each);
      expect({ ts, stable }).toEqual({ ts: startsAt + (at + index) * 1_000, stable: true });
      levels.add(Math.round(grams / UNIT_WEIGHT_GRAMS));
    }
  }
  expect([...levels]).toEqual([41, 40]);
  expect(scale.level).toBe(42);
});

test("the shelves of the bench are stock positions that a scale governs, with a supplier to order from", async () => {
  const api = await startApi();
  try {
    const { gateways } = await seedScales(api.db.pool);
    expect(gateways.flatMap(({ senders }) => senders)).toHaveLength(1_000);
    const manager = await api.as("manager");
    const { body } = await manager("GET /inventory-items?limit=1");
    const [position] = body as unknown as { item_id: number; location_id: number }[];
    expect(position).toMatchObject({ source: "scale", reorder_point: 0 });
    const device = (await manager("GET /devices/bench-scale-00000")).body;
    expect(device).toMatchObject({
      kind: "scale",
      mount: { location_id: position!.location_id, item_id: position!.item_id, tare_grams: 0 },
    });
    const { supplier_id: supplier } = (await manager(`GET /items/${position!.item_id}`)).body;
    expect((await manager(`GET /parties/${supplier as number}`)).body).toMatchObject({ lead_time_days: 7 });
  } finally {
    await api.close();
  }
});

import { expect, test } from "vitest";
import { startApi } from "../support.ts";

test("per cent signs and underscores in a search are plain characters", async () => {
  const api = await startApi();
  try {
    const admin = await api.as("admin");
    const names = ["Juice 100% pure", "Juice 1000 pure", "Tray A_1", "Tray AB1", String.raw`Bin C\2`, "Bin CD2"];
    const made = async (path: string, body: object) => {
      const answer = await admin(`POST ${path}`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    };
    for (const [at, name] of names.entries()) {
      await made("/items", { sku: `plain-${at}`, name });
      await made("/locations", { name, ...(at === 0 && { stage: "storage" }) });
      await made("/vehicles", { name });
      await made("/parties", { name, roles: ["supplier"] });
      await made("/shipments", { product_name: name, quantity: 1, location: "storage" });
    }
    const wanted: [q: string, names: string[]][] = [
      ["100%", ["Juice 100% pure"]],
      ["0% p", ["Juice 100% pure"]],
      ["A_1", ["Tray A_1"]],
      ["a_", ["Tray A_1"]],
      [String.raw`C\2`, [String.raw`Bin C\2`]],
      ["%", ["Juice 100% pure"]],
      ["_", ["Tray A_1"]],
      ["%%", []],
      ["Tray", ["Tray A_1", "Tray AB1"]],
    ];
    for (const list of ["items", "locations", "vehicles", "parties", "shipments"]) {
      for (const [q, expected] of wanted) {
        const { status, body } = await admin(`GET /${list}?q=${encodeURIComponent(q)}`);
        expect(status, `${list} ${q}`).toBe(200);
        const rows = body as unknown as { name?: string; product_name?: string }[];
        const found = rows.map((row) => row.name ?? row.product_name ?? "");
        expect(found.toSorted(), `${list} ${q}`).toEqual(expected.toSorted());
      }
    }
    // It finds what begins so.
    const beginnings: [q: string, names: string[]][] = [
      ["100%", ["Juice 100% pure"]],
      ["A_1", ["Tray A_1"]],
      ["tray a_", ["Tray A_1"]],
      ["10_%", []],
      ["Tr%", []],
      ["T_ay", []],
    ];
    for (const [q, expected] of beginnings) {
      const { body } = await admin(`GET /search?q=${encodeURIComponent(q)}&limit=50`);
      const titles = new Set((body as unknown as { title: string }[]).map(({ title }) => title));
      expect([...titles].toSorted(), q).toEqual(expected.toSorted());
    }
  } finally {
    await api.close();
  }
});

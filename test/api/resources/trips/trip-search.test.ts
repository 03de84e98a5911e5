import { afterAll, beforeAll, expect, test } from "vitest";
import { openTripWorld, type TripWorld } from "./trip-world.ts";

let world: TripWorld;
beforeAll(async () => {
  world = await openTripWorld();
});
afterAll(() => world?.close());

interface Hit {
  kind: string;
  id: number;
  title: string;
  detail: string;
  match: string;
  path: string;
}

test("trips are found by driver, vehicle, number, and what they carry, as far as the caller may see them", async () => {
  await world.manager("POST /drivers", { name: "Ada Löw" });
  const goods = await world.shipment("shop", { reference: "PO-77/9" });
  const stops = [world.stop("hub", "08:00-08:30", goods), world.stop("shop", "09:00-09:30", goods)];
  const first = await world.trip({ driver: "ada löw", stops });
  const others = await world.shipment("market");
  const second = await world.trip({
    vehicle_id: world.trucks[1],
    driver: "Bo from elsewhere",
    stops: [world.stop("dock", "10:00-10:30", others), world.stop("market", "11:00-11:30", others)],
  });
  const { tracking_number: tracking } = (await world.manager(`GET /shipments/${goods}`)).body;
  const trips = async (q: string, headers?: Record<string, string>) => {
    const path = `/search?q=${encodeURIComponent(q)}`;
    const hits = (
      headers
        ? await (await world.api.app.request(path, { headers })).json()
        : (await world.manager(`GET ${path}`)).body
    ) as Hit[];
    return hits.filter(({ kind }) => kind === "trip");
  };
  for (const [q, id, match] of [
    ["Ada Löw", first, "exact"],
    ["löw", first, "word"],
    ["bo fr", second, "beginning"],
    ["truck 2", second, "exact"],
    ["PO-77/9", first, "exact"],
    [String(tracking), first, "exact"],
    [`trip ${second}`, second, "exact"],
  ] as const) {
    const found = await trips(q);
    expect(
      found.map((hit) => [hit.id, hit.match]),
      q,
    ).toEqual([[id, match]]);
  }
  expect((await trips("löw"))[0]).toMatchObject({
    title: `Trip ${first} · Ada Löw`,
    detail: "Truck 1 · 2026-03-02 08:00 UTC · planned",
    path: `/trips/${first}`,
  });

  // Who is limited to the market finds its trip alone, and none by goods of others.
  const admin = await world.api.as("admin");
  const client = { name: "market", role: "viewer", location_ids: [world.places.market] };
  const { client_id, client_secret } = (await admin("POST /api-clients", client)).body as Record<string, string>;
  const answer = await world.api.app.request("/oauth/token", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client_id!,
      client_secret: client_secret!,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${token}` };
  expect((await trips("truck", headers)).map(({ id }) => id)).toEqual([second]);
  for (const q of ["PO-77/9", "ada", `trip ${first}`]) expect(await trips(q, headers), q).toEqual([]);
});

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, expectTypeOf, test } from "vitest";
import type { Schemas } from "../../../api/client/index.ts";
import type { Answer, Body, IfThere, Row } from "../../../api/dashboard/state/operations.ts";

type IsThere<M extends "get" | "post" | "put" | "delete", Path extends string> = [IfThere<M, Path, true>] extends [
  never,
]
  ? false
  : true;

// The compiler checks these, in `npm run check`.
test("a path is one of the API's, by its segments, and names what it answers and takes", () => {
  expectTypeOf<IsThere<"get", "/orders">>().toEqualTypeOf<true>();
  expectTypeOf<IsThere<"get", `/orders/${number}`>>().toEqualTypeOf<true>();
  expectTypeOf<IsThere<"get", `/devices/${string}/quality`>>().toEqualTypeOf<true>();
  expectTypeOf<IsThere<"get", `/orders?limit=${number}&kind=restock`>>().toEqualTypeOf<true>();
  expectTypeOf<IsThere<"get", "/order">>().toEqualTypeOf<false>();
  expectTypeOf<IsThere<"get", `/orders/${number}/lines`>>().toEqualTypeOf<false>();
  expectTypeOf<IsThere<"get", `/devices/${string}/qualities`>>().toEqualTypeOf<false>();
  expectTypeOf<IsThere<"get", string>>().toEqualTypeOf<false>();
  expectTypeOf<IsThere<"delete", `/orders/${number}`>>().toEqualTypeOf<false>();
  expectTypeOf<IsThere<"get", "/devices/import">>().toEqualTypeOf<false>();
  expectTypeOf<Answer<"get", `/orders/${number}`>>().toEqualTypeOf<Schemas["Order"]>();
  expectTypeOf<Answer<"delete", `/users/${number}`>>().toEqualTypeOf<undefined>();
  expectTypeOf<Row<"/orders">>().toEqualTypeOf<Schemas["Order"]>();
  expectTypeOf<Body<"put", `/orders/${number}`>>().toEqualTypeOf<Schemas["OrderChange"]>();
  expectTypeOf<Body<"post", "/devices/import">>().not.toEqualTypeOf<Schemas["NewDevice"]>();
});

test("every request of the page goes through these types", async () => {
  const folder = join(import.meta.dirname, "../../../api/dashboard");
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
  expect(files.length).toBeGreaterThan(80);
  const calling: string[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), "utf8");
    if (/\bfetch\(|XMLHttpRequest|new EventSource/.test(text)) calling.push(file);
  }
  // The stream is no JSON, and outlines are a file of the page.
  expect(calling.toSorted()).toEqual(["map/outlines.ts", "state/client.ts", "state/stream.ts"]);
});

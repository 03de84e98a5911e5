import { expect, test } from "vitest";
import { readBenchOptions } from "../../infra/bench/options.ts";

const read = (text: string) => readBenchOptions(text.split(" "));

test("a benchmark is named, a single run is described, and help is not an error", () => {
  expect(read("api --quick")).toEqual({ bench: "api", json: false, quick: true, scales: false, only: undefined });
  expect(read("ingest --rate max --trucks")!.only).toEqual({
    ...{ rate: undefined, readings: 1, seconds: 10 },
    ...{ influx: false, by: "trucks" },
  });
  expect(read("ingest --rate 1000 --readings 10 --seconds 5")!.only).toMatchObject({
    ...{ rate: 1000, readings: 10, seconds: 5, by: "gateways" },
  });
  expect(read("--help")).toBeUndefined();
});

test("what is no benchmark, no option or no number is refused by name", () => {
  for (const wrong of ["--rate fast", "--rate 0", "--seconds 1.5", "--readings -3"])
    expect(() => read(`ingest ${wrong.replace(" -", "=-")}`)).toThrow(wrong.split(" ")[0]);
  expect(() => read("everything")).toThrow("name what to measure");
  expect(() => read("ingest --speed 3")).toThrow("--speed");
});

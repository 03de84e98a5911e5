import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Outcome, type Proof, proofsOn, readGuarantees, unproven } from "./support/proofs.ts";

const page = readGuarantees();
const proofs = proofsOn(page);

test("every promise of the page names a proof, or says that it has none", () => {
  const promises = page.split(/^## /m).slice(1);
  expect(promises.length).toBeGreaterThanOrEqual(8);
  for (const promise of promises) expect(promise).toMatch(/\]\(\.\.\/test\/|\*\*Not yet proven/);
});

test("every link to a test is read as a proof", () => {
  expect(proofs).toHaveLength(page.split("](../test/").length - 1);
});

test.each(proofs)("there is a test “$title” in $file", ({ title, file }) => {
  const source = readFileSync(join(import.meta.dirname, "..", file), "utf8");
  expect(source.replaceAll(/\\(["'`])/g, "$1")).toContain(title);
});

// The reporter in support/proof-reporter.ts asks this at the end of every run, and fails the run.
describe("a run owes the proofs of the files that it ran", () => {
  const proof: Proof = { title: "holds for %s (1.5)", file: "test/a.test.ts", needs: [] };
  const ran = (state: Outcome["state"], more: Partial<Outcome> = {}): Outcome => ({
    ...{ title: "holds for two (1.5)", file: proof.file, state },
    ...more,
  });
  const reasons = (outcomes: Outcome[], needs: string[] = [], present: string[] = []) =>
    unproven([{ ...proof, needs }], outcomes, (need) => present.includes(need));

  test("and is content when they ran and passed", () => {
    expect(reasons([ran("passed")])).toEqual([]);
    expect(reasons([ran("passed", { file: "test/other.test.ts" })])).toEqual([]);
  });

  test.each<[string, Outcome[]]>([
    ["did not run", [ran("passed", { title: "holds for two (105)" })]],
    ["failed", [ran("passed"), ran("failed")]],
    ["was skipped", [ran("passed"), ran("skipped")]],
    ["was skipped", [ran("pending")]],
    ["passed only when it was tried again", [ran("passed", { flaky: true })]],
  ])("and fails when one %s", (reason, outcomes) => {
    expect(reasons(outcomes)).toEqual([`test/a.test.ts: “holds for %s (1.5)” ${reason}`]);
  });

  test("but lets a machine skip what the page says needs a program that is not there", () => {
    expect(reasons([ran("skipped")], ["influxd"])).toEqual([]);
    expect(reasons([ran("skipped")], ["influxd"], ["influxd"])).toHaveLength(1);
  });
});

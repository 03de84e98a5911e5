import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const PAGE = join(ROOT, "docs", "guarantees.md");

/** A test that docs/guarantees.md names as the proof of a promise. */
export interface Proof {
  /** the test's title; `%s`, `%j` and the like stand for any text */
  title: string;
  /** relative to the root, e.g. `test/system/kills.test.ts` */
  file: string;
  /** what the test needs beside Node: programs, or `root` on Linux. A machine without them may skip it. */
  needs: readonly string[];
}

/** A test of a run, and how it ended. */
export interface Outcome {
  title: string;
  file: string;
  state: "passed" | "failed" | "skipped" | "pending";
  /** it failed first and passed when it was tried again */
  flaky?: boolean | undefined;
}

export const readGuarantees = (): string => readFileSync(PAGE, "utf8");

/** Every `- [title](path)` of the page, with `(needs a, b)` when that follows. */
export function proofsOn(page: string): Proof[] {
  return [...page.matchAll(/^\s*- \[(.+)\]\((\.\.\/test\/[^)]+)\)(?: \(needs ([^)]+)\))?/gm)].map(
    ([, title, path, needs]) => ({
      title: title!,
      file: relative(ROOT, join(dirname(PAGE), path!)),
      needs: needs?.split(/, /) ?? [],
    }),
  );
}

/**
 * Proofs that a run owes: those whose file it ran, without a test by this title that ran and passed at its first try.
 * @param isHere whether this machine has a program or right that a proof needs
 * @returns one line each, with the reason; empty when everything is proven
 */
export function unproven(
  proofs: readonly Proof[],
  outcomes: readonly Outcome[],
  isHere: (need: string) => boolean,
): string[] {
  const filesRun = new Set(outcomes.map(({ file }) => file));
  return proofs
    .filter(({ file }) => filesRun.has(file))
    .flatMap((proof) => {
      const reason = whyUnproven(proof, outcomes, isHere);
      return reason === undefined ? [] : [`${proof.file}: “${proof.title}” ${reason}`];
    });
}

function whyUnproven(
  { title, file, needs }: Proof,
  outcomes: readonly Outcome[],
  isHere: (need: string) => boolean,
): string | undefined {
  const pattern = titlePattern(title);
  const matches = outcomes.filter((outcome) => outcome.file === file && pattern.test(outcome.title));
  if (matches.length === 0) return "did not run";
  if (matches.some(({ state }) => state === "failed")) return "failed";
  if (matches.some(({ flaky }) => flaky)) return "passed only when it was tried again";
  const maySkip = needs.some((need) => !isHere(need));
  const hasSkipped = matches.some(({ state }) => state !== "passed");
  return hasSkipped && !maySkip ? "was skipped" : undefined;
}

function titlePattern(title: string): RegExp {
  const parts = title.split(/%[sdifjo]/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".+")}$`, "s");
}

import type { Pool } from "pg";
import type { Logger } from "pino";
import { principalName } from "../../auth/principal.ts";
import type { AddAuditEntries } from "../../http/audit/queries.ts";
import { Problem, problemFrom } from "../../http/problem.ts";
import {
  addImport,
  ALIVE_EVERY_MS,
  claimInterrupted,
  endImport,
  markAlive,
  NOTHING_DONE,
  TakenOver,
} from "./queries.ts";
import type { Spool } from "../../tables/spool.ts";
import { type ImportRun, runImport } from "./run-import.ts";

/** Files that wait at most; each takes its size on disk. */
const MAX_WAITING = 20;
/** Small files do not wait for a large one, as long as there are not many of them. */
const MAX_SMALL = 4;

interface Runner {
  pool: Pool;
  addAuditEntries: AddAuditEntries;
  log: Logger;
}

type NewRun = Omit<ImportRun, "id" | "done"> & { fileName: string | undefined };
/** How an import ended. */
type Ended = { state: "done" | "failed" | "interrupted"; problem: string | null };

/**
 * The imports of this process: large files one after the other, small ones beside them. When the process ends in order, what runs is
 * marked as interrupted; when it is killed, it says nothing any more, and that is what marks it.
 */
export class ImportRunner {
  readonly #runner: Runner;
  readonly #running = new Map<ImportRun, Promise<void>>();
  readonly #ending = new AbortController();
  #small = 0;
  /** ends when the last large one has ended */
  #large: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /**
   * Takes a file over, which is closed when it has been read.
   * @returns the id of the import, and its end: undefined for one that has to wait
   * @throws Problem 503 when too many wait already
   */
  async start({ fileName, ...run }: NewRun, isSmall: boolean): Promise<{ id: number; end: Promise<void> | undefined }> {
    return this.#takeOver(run.spool, async () => {
      const { kind, isDryRun, format, spool, principal } = run;
      const id = await addImport(this.#runner.pool, {
        ...{ kind: kind.name, isDryRun, fileName, format, sizeBytes: spool.sizeBytes, sha256: spool.sha256 },
        actor: principalName(principal),
      });
      const atOnce = isSmall && this.#small < MAX_SMALL;
      const end = this.#begin({ ...run, id, done: NOTHING_DONE }, atOnce);
      return { id, end: atOnce ? end : undefined };
    });
  }

  /**
   * Goes on with an import that was interrupted, after what it has written, in the background.
   * @param run with the same file
   * @returns whether it could be taken over: it was interrupted, and this is its file
   * @throws Problem 503 when too many wait already
   */
  async resume(run: Omit<ImportRun, "done" | "format" | "isDryRun">): Promise<boolean> {
    return this.#takeOver(run.spool, async () => {
      const claimed = await claimInterrupted(this.#runner.pool, run.id, run.spool.sha256);
      if (claimed === undefined) {
        await run.spool.close();
        return false;
      }
      const { format, ...done } = claimed;
      void this.#begin({ ...run, isDryRun: false, format, done }, false);
      return true;
    });
  }

  /** The file is closed when it cannot be taken over. */
  async #takeOver<T>(spool: Spool, take: () => Promise<T>): Promise<T> {
    try {
      const isFull = this.#running.size >= MAX_WAITING;
      if (isFull || this.#ending.signal.aborted)
        throw new Problem(503, "too many imports wait already", { headers: { "Retry-After": "60" } });
      return await take();
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  #begin(run: ImportRun, atOnce: boolean): Promise<void> {
    const end = atOnce ? this.#runSmall(run) : this.#runLarge(run);
    this.#running.set(run, end);
    this.#timer ??= setInterval(() => void this.#sayAlive(), ALIVE_EVERY_MS);
    return end;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running.values());
  }

  async #runSmall(run: ImportRun): Promise<void> {
    this.#small += 1;
    try {
      await this.#run(run);
    } finally {
      this.#small -= 1;
    }
  }

  #runLarge(run: ImportRun): Promise<void> {
    return (this.#large = this.#large.then(() => this.#run(run)));
  }

  /** Never rejects: how it ended is what the import says. */
  async #run(run: ImportRun): Promise<void> {
    const { pool, log } = this.#runner;
    const ended = await this.#outcomeOf(run);
    try {
      await run.spool.close();
      if (ended) await endImport(pool, { id: run.id, attempt: run.done.attempt }, ended.state, ended.problem);
    } catch (error) {
      // It is shown as interrupted, because it says nothing any more.
      log.warn({ err: error, import: run.id }, "could not record the end of an import");
    }
    this.#running.delete(run);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** @returns undefined: another process goes on with it */
  async #outcomeOf(run: ImportRun): Promise<Ended | undefined> {
    try {
      await runImport(this.#runner, run, this.#ending.signal);
      return { state: "done", problem: null };
    } catch (error) {
      if (this.#ending.signal.aborted) return { state: "interrupted", problem: "the process that ran it has ended" };
      if (error instanceof TakenOver) return undefined;
      const problem = problemFrom(error);
      if (problem) return { state: "failed", problem: problem.message };
      this.#runner.log.error({ err: error, import: run.id }, "an import failed");
      return { state: "failed", problem: "a fault of the platform, which its log tells" };
    }
  }

  async #sayAlive(): Promise<void> {
    try {
      await markAlive(
        this.#runner.pool,
        [...this.#running.keys()].map(({ id }) => id),
      );
    } catch (error) {
      this.#runner.log.warn({ err: error }, "could not record that imports run");
    }
  }
}

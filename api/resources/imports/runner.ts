import type { Pool } from "pg";
import type { Logger } from "pino";
import { principalName } from "../../auth/principal.ts";
import type { AddAuditEntries } from "../../http/audit/queries.ts";
import { Problem, problemFrom } from "../../http/problem.ts";
import { addImport, ALIVE_EVERY_MS, endImport, markAlive } from "./queries.ts";
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

type NewRun = Omit<ImportRun, "id"> & { fileName: string | undefined };

/**
 * The imports of this process: large files one after the other, small ones beside them. When the process ends in order, what runs is
 * marked as interrupted; when it is killed, it says nothing any more, and that is what marks it.
 */
export class ImportRunner {
  readonly #runner: Runner;
  readonly #running = new Map<number, Promise<void>>();
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
    try {
      const isFull = this.#running.size >= MAX_WAITING;
      if (isFull || this.#ending.signal.aborted)
        throw new Problem(503, "too many imports wait already", { headers: { "Retry-After": "60" } });
      const { kind, isDryRun, format, spool, principal } = run;
      const id = await addImport(this.#runner.pool, {
        ...{ kind: kind.name, isDryRun, fileName, format, sizeBytes: spool.sizeBytes, actor: principalName(principal) },
      });
      const atOnce = isSmall && this.#small < MAX_SMALL;
      const end = atOnce ? this.#runSmall({ ...run, id }) : this.#runLarge({ ...run, id });
      this.#running.set(id, end);
      this.#timer ??= setInterval(() => void this.#sayAlive(), ALIVE_EVERY_MS);
      return { id, end: atOnce ? end : undefined };
    } catch (error) {
      await run.spool.close();
      throw error;
    }
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
      await endImport(pool, run.id, ended.state, ended.problem);
    } catch (error) {
      // It is shown as interrupted, because it says nothing any more.
      log.warn({ err: error, import: run.id }, "could not record the end of an import");
    }
    this.#running.delete(run.id);
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #outcomeOf(run: ImportRun): Promise<{ state: "done" | "failed" | "interrupted"; problem: string | null }> {
    try {
      await runImport(this.#runner, run, this.#ending.signal);
      return { state: "done", problem: null };
    } catch (error) {
      if (this.#ending.signal.aborted) return { state: "interrupted", problem: "the process that ran it has ended" };
      const problem = problemFrom(error);
      if (problem) return { state: "failed", problem: problem.message };
      this.#runner.log.error({ err: error, import: run.id }, "an import failed");
      return { state: "failed", problem: "a fault of the platform, which its log tells" };
    }
  }

  async #sayAlive(): Promise<void> {
    try {
      await markAlive(this.#runner.pool, [...this.#running.keys()]);
    } catch (error) {
      this.#runner.log.warn({ err: error }, "could not record that imports run");
    }
  }
}

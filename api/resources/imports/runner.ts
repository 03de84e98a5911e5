import type { Pool } from "pg";
import type { Logger } from "pino";
import { principalName } from "../../auth/principal.ts";
import type { AddAuditEntries } from "../../http/audit/queries.ts";
import type { Once } from "../../http/idempotency/once.ts";
import { Problem, problemFrom } from "../../http/problem.ts";
import type { ApiResponse } from "../../http/response.ts";
import { getReport } from "./queries.ts";
import { type ImportRun, runImport } from "./run-import.ts";
import {
  addImport,
  ALIVE_EVERY_MS,
  claimInterrupted,
  endImport,
  markAlive,
  NOTHING_DONE,
  TakenOver,
} from "./run-queries.ts";
import type { ImportSummary } from "./schema.ts";

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

/** What a request is answered, and the end of the import that it has begun. */
export interface Begun {
  /** of a file that is read at once: only which import it is */
  response: ApiResponse;
  /** undefined: an earlier request with its Idempotency-Key has begun it, and the file is not read */
  end: Promise<void> | undefined;
}

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
   * Adds an import, with what is answered to its request, and begins to read its file, which is closed at the end.
   * @throws Problem 503 when too many wait already
   */
  async start({ fileName, ...run }: NewRun, isSmall: boolean, once: Once): Promise<Begun> {
    const { kind, isDryRun, format, spool, principal } = run;
    const place = { isTaken: false };
    let end: Promise<void> | undefined;
    try {
      const { response, effect: id } = await once(async (client) => {
        this.#assertRoom();
        if (!place.isTaken && isSmall && this.#small < MAX_SMALL) {
          // Before it begins: many may come at the same moment.
          this.#small += 1;
          place.isTaken = true;
        }
        const id = await addImport(client, {
          ...{ kind: kind.name, isDryRun, fileName, format, sizeBytes: spool.sizeBytes, sha256: spool.sha256 },
          actor: principalName(principal),
        });
        const body = await getReport(client, id, [kind.name]);
        const headers = { Location: `/imports/${id}` };
        return { response: place.isTaken ? { status: 200, body } : { status: 202, body, headers }, effect: id };
      });
      if (id !== undefined) end = this.#begin({ ...run, id, done: NOTHING_DONE }, place.isTaken);
      return { response, end };
    } finally {
      if (place.isTaken && end === undefined) this.#small -= 1;
    }
  }

  /**
   * Goes on with an import that was interrupted, after what it has written, in the background.
   * @param run with the same file, which is closed at the end
   * @throws Problem 409 when it was not interrupted, or this is not its file, 503 when too many wait already
   */
  async resume(run: Omit<ImportRun, "done" | "format" | "isDryRun">, once: Once): Promise<Begun> {
    const { id, kind, spool } = run;
    const { response, effect: claimed } = await once(async (client) => {
      this.#assertRoom();
      const claimed = await claimInterrupted(client, id, spool.sha256);
      const body = await getReport(client, id, [kind.name]);
      if (claimed === undefined) throw notContinued(body);
      return { response: { status: 202, body }, effect: claimed };
    });
    if (claimed === undefined) return { response, end: undefined };
    const { format, ...done } = claimed;
    return { response, end: this.#begin({ ...run, isDryRun: false, format, done }, false) };
  }

  /** @throws Problem 503 */
  #assertRoom(): void {
    if (this.#running.size >= MAX_WAITING || this.#ending.signal.aborted)
      throw new Problem(503, "too many imports wait already", { headers: { "Retry-After": "60" } });
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

  /** Gives its place back, which `start` has taken. */
  async #runSmall(run: ImportRun): Promise<void> {
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
      return { state: "failed", problem: "internal error; see the log of the platform" };
    }
  }

  async #sayAlive(): Promise<void> {
    try {
      await markAlive(
        this.#runner.pool,
        [...this.#running.keys()].map(({ id }) => id),
      );
    } catch (error) {
      this.#runner.log.warn({ err: error }, "imports: heartbeat failed");
    }
  }
}

function notContinued({ state, dry_run: isDryRun }: ImportSummary): Problem {
  if (isDryRun) return new Problem(409, "a dry run has written nothing and cannot be continued: send the file again");
  if (state !== "interrupted")
    return new Problem(409, `the import is ${state}: only an interrupted import can be continued`);
  return new Problem(409, "this is not the file of the import: its bytes differ");
}

/**
 * START HERE: how the platform and an ERP keep each other up to date (docs/decisions/42-erp.md).
 *
 *   log       what has happened here is noted for the connections that follow it            follow-events.ts
 *   claim     a connection that is due is this process's, for the time of a lease           lease.ts
 *   pull      what has changed there is applied here, page by page                          pass.ts, apply/
 *   plan      what has changed here becomes documents to be made there, or taken back       plan/
 *   send      each is made there, once by its key                                           send.ts
 *   compare   levels there against what the ERP was told                                    levels.ts
 *
 * What an ERP understands is in its adapter (adapter.ts, odoo/, erpnext/, generic/). Connections are worked on side by side, so that a
 * slow one delays itself alone; one process at a time works on one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Sealer } from "../../auth/sealing.ts";
import { retryAfterMs } from "../../../ingest/domain/notification/retry.ts";
import { openPostgresSeries } from "../../resources/readings/series-postgres.ts";
import type { RelayLoop, StartLoop } from "../relay/loop.ts";
import { type Connection, createAdapter, readCredentials } from "./connections.ts";
import { ErpError } from "./erp-error.ts";
import { followEvents } from "./follow-events.ts";
import { createErpCall } from "./http-client.ts";
import { claimDue, type Claimed, finish, LeaseLost, type Outcome, ownedBy, renew } from "./lease.ts";
import { runPass } from "./pass.ts";

/** Connections that are worked on at once. */
const MAX_AT_ONCE = 32;
/** A lease is made longer when so much of it is over, milliseconds. */
const RENEW_MS = 10_000;

export interface ErpRelayOptions {
  pool: Pool;
  sealer: Sealer;
  allowedHosts: readonly string[];
  maskSecrets: (text: string) => string;
  log: Logger;
  /** of the SSCCs of what is shipped; undefined: none are made */
  companyPrefix?: string | undefined;
  intervalMs: number;
}

interface ErpRelay {
  /** Begins with what is due. @returns whether there was work */
  tick(stopping: AbortSignal): Promise<boolean>;
  /** resolves when nothing is being worked on */
  ended(): Promise<void>;
}

export function createErpRelay(options: ErpRelayOptions): ErpRelay {
  const { pool, log, maskSecrets, intervalMs } = options;
  const running = new Map<number, Promise<void>>();

  async function work(claimed: Claimed, stopping: AbortSignal): Promise<void> {
    const { connection } = claimed;
    const about = { erp: connection.id, name: connection.name };
    try {
      await syncOne(options, claimed, stopping);
      const wasFailing = await finish(pool, claimed, { nextMs: connection.options.interval_s * 1_000 });
      if (wasFailing) log.info(about, "ERP sync recovered");
    } catch (error) {
      if (error instanceof LeaseLost)
        return log.warn(
          about,
          "ERP sync given up: another process has claimed the connection, or it was changed or removed",
        );
      const isFault = !(error instanceof ErpError);
      if (isFault && !stopping.aborted) log.error({ err: error, ...about }, "ERP sync failed unexpectedly");
      const outcome: Outcome = stopping.aborted ? { nextMs: 0 } : failureOf(connection, error);
      if (outcome.problem !== undefined && connection.attempts === 0)
        log.warn(
          { ...about, said: maskSecrets(outcome.problem) },
          outcome.isStopped
            ? "ERP sync failed, stopped until the connection is changed or a sync is requested"
            : "ERP sync failed, retrying",
        );
      await finish(pool, claimed, { ...outcome, problem: outcome.problem && maskSecrets(outcome.problem) });
    }
  }

  return {
    async tick(stopping) {
      const noted = await followEvents(pool);
      const room = MAX_AT_ONCE - running.size;
      const claimed = room > 0 && !stopping.aborted ? await claimDue(pool, room) : [];
      for (const each of claimed) {
        const working = work(each, stopping)
          // Its lease ends, and then it is tried again.
          .catch((error: unknown) =>
            log.error({ err: error, erp: each.connection.id }, "ERP sync outcome could not be recorded"),
          )
          // The next pass over it may have begun before this line runs.
          .finally(() => {
            if (running.get(each.connection.id) === working) running.delete(each.connection.id);
          });
        running.set(each.connection.id, working);
      }
      if (running.size === 0) return noted > 0;
      await Promise.race([...running.values(), sleep(intervalMs)]);
      return true;
    },
    async ended() {
      await Promise.all(running.values());
    },
  };
}

/** The loop that keeps connections in step. `close` gives what is under way so long to end, milliseconds. */
export function startErpRelay({ startLoop, ...options }: ErpRelayOptions & { startLoop: StartLoop }): Omit<
  RelayLoop,
  "close"
> & {
  close(stopMs: number): Promise<void>;
} {
  const stopping = new AbortController();
  const erp = createErpRelay(options);
  const loop = startLoop("ERP sync", () => erp.tick(stopping.signal), options.log, options.intervalMs);
  return {
    ...loop,
    async close(stopMs) {
      const timer = setTimeout(() => stopping.abort(), stopMs);
      await loop.close();
      await erp.ended();
      clearTimeout(timer);
    },
  };
}

async function syncOne(
  { pool, sealer, allowedHosts, companyPrefix }: Omit<ErpRelayOptions, "intervalMs">,
  claimed: Claimed,
  stopping: AbortSignal,
): Promise<void> {
  const { connection } = claimed;
  const credentials = await readCredentials(pool, sealer, connection.id);
  const call = createErpCall(allowedHosts, stopping);
  let renewedAt = performance.now();
  const adapter = createAdapter(
    async (request) => {
      if (performance.now() - renewedAt > RENEW_MS) {
        await renew(pool, claimed);
        renewedAt = performance.now();
      }
      return call(request);
    },
    connection,
    credentials,
  );
  const tools = { pool, series: openPostgresSeries(pool), companyPrefix };
  await runPass({ ...tools, connection, adapter, owned: ownedBy(claimed), stopping });
}

/** Whether a connection is tried again by itself, and when. */
function failureOf({ attempts }: Connection, error: unknown): Outcome {
  const problem = error instanceof ErpError ? error.message : "internal error; see the log of the platform";
  const isStopped = error instanceof ErpError && error.fault === "auth";
  const askedMs = error instanceof ErpError ? error.retryMs : undefined;
  const nextMs = retryAfterMs({ attempts: attempts + 1, waitingMs: 0, askedMs }, Math.random()) ?? 0;
  return { nextMs, problem, isStopped };
}

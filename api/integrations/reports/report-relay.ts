/**
 * Reports by mail: planned when they are due (plan.ts), then each mail is claimed for the time of a lease, sent, and what the other side
 * said is written down (deliveries.ts). Any number of relays may run, and any may be killed at any moment: what is not recorded as sent
 * is sent. Sent twice is only what the mail server had accepted when the relay was killed before it could write that down; the mail has
 * the same Message-ID then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { retryAfterMs } from "../../../ingest/domain/notification/retry.ts";
import type { Answer } from "../channels/channel.ts";
import { claimReports, type ClaimedReport, recordReport, type ReportOutcome } from "./deliveries.ts";
import { planReports } from "./plan.ts";
import { createReportMailer } from "./report-mail.ts";

/** Mails that are on their way at once: each holds a file in memory. */
const MAX_IN_FLIGHT = 4;
/** An attempt that takes longer has failed, milliseconds: the report is made in that time, too. */
const ATTEMPT_MS = 60_000;
/** How long a mail is a relay's, milliseconds: an attempt, and time to record it. */
const LEASE_MS = 90_000;
/** What was accepted is written down even if Postgres is away for a moment: else it would be sent again. Two minutes in all. */
const RECORD_AGAIN_MS = 200;
const MAX_RECORD_ATTEMPTS = 600;

interface ReportRelayOptions {
  pool: Pool;
  smtpUrl: string | undefined;
  publicUrl: string;
  maskSecrets: (text: string) => string;
  log: Logger;
}

/** Plans and sends what is due. `stopping` ends what waits. @returns whether there was work */
export type SendDueReports = (stopping: AbortSignal) => Promise<boolean>;

export function createReportRelay({ pool, smtpUrl, publicUrl, maskSecrets, log }: ReportRelayOptions): SendDueReports {
  const send = createReportMailer(pool, smtpUrl, publicUrl);

  async function sendOne(report: ClaimedReport, stopping: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([AbortSignal.timeout(ATTEMPT_MS), stopping]);
    try {
      const answer = await send(report, limit);
      const outcome = outcomeOf(report, answer);
      await record(report, { ...outcome, response: maskSecrets(outcome.response) }, stopping);
    } catch (error) {
      // Its lease ends, and then it is tried again.
      log.error(
        { err: error, report: report.scheduleId, delivery: report.id },
        "report delivery, or the record of its outcome, failed; tried again when the lease ends",
      );
    }
  }

  async function record(report: ClaimedReport, outcome: ReportOutcome, stopping: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isWritten = await recordReport(pool, report, outcome);
        const about = { report: report.scheduleId, delivery: report.id, attempts: report.attempts };
        if (!isWritten)
          log.warn(
            about,
            "report delivery cancelled or claimed by another relay while it was sent; it may arrive twice",
          );
        else if (outcome.state === "failed" || (outcome.state === "waiting" && report.attempts === 1))
          log.warn({ ...about, said: outcome.response }, "the mail of a report was not accepted");
        return;
      } catch (error) {
        if (stopping.aborted || attempt === MAX_RECORD_ATTEMPTS) throw error;
        await sleep(RECORD_AGAIN_MS);
      }
    }
  }

  return async (stopping) => {
    const planned = await planReports(pool);
    const claimed = stopping.aborted ? [] : await claimReports(pool, MAX_IN_FLIGHT, LEASE_MS);
    await Promise.all(claimed.map((report) => sendOne(report, stopping)));
    return planned > 0 || claimed.length > 0;
  };
}

function outcomeOf({ attempts, waitingMs }: ClaimedReport, answer: Answer): ReportOutcome {
  const { response } = answer;
  if (answer.accepted) return { state: "sent", response };
  if (answer.isFinal === true) return { state: "failed", response };
  const retryMs = retryAfterMs({ attempts, waitingMs }, Math.random());
  return retryMs === undefined ? { state: "failed", response } : { state: "waiting", response, retryMs };
}

import type { NodemailerError } from "nodemailer";
import type { Pool } from "pg";
import { Problem } from "../../http/problem.ts";
import { csvOf, jsonOf } from "../../resources/analytics/report-file.ts";
import { REPORTS } from "../../resources/analytics/reports.ts";
import { type Answer, printable } from "../channels/channel.ts";
import { mailProblem, NO_SERVER, openTransport } from "../channels/email.ts";
import type { ClaimedReport } from "./deliveries.ts";

export type SendReport = (report: ClaimedReport, signal: AbortSignal) => Promise<Answer>;

interface File {
  filename: string;
  content: Buffer;
  contentType: string;
}

/**
 * Sends reports as mail with a file. Between the server's 250 and our commit lies a moment in which a mail may be sent twice (RFC 5321
 * §6.1): the repeat has the same Message-ID.
 * @param smtpUrl undefined: there is no server
 */
export function createReportMailer(pool: Pool, smtpUrl: string | undefined, publicUrl: string): SendReport {
  if (smtpUrl === undefined) return async () => ({ accepted: false, response: NO_SERVER });
  const { transport, from, host } = openTransport(smtpUrl, publicUrl);
  return async (report, signal) => {
    let file: File;
    try {
      file = await fileOf(pool, report);
    } catch (error) {
      // Of what cannot be told another attempt tells nothing either.
      if (error instanceof Problem) return { accepted: false, isFinal: true, response: printable(error.message) };
      throw error;
    }
    try {
      const { response } = await transport.sendMail({
        from: { name: "Waystock", address: from },
        // As an object: an address is never parsed as a list of them.
        to: { name: "", address: report.recipient },
        subject: `Report: ${report.name}`,
        text: textOf(report, publicUrl),
        attachments: [file],
        messageId: `<${report.key}@${host}>`,
        date: report.createdAt,
        headers: { "Auto-Submitted": "auto-generated" },
        signal,
      });
      return { accepted: true, response: printable(response) };
    } catch (error) {
      return mailProblem(error as NodemailerError);
    }
  };
}

async function fileOf(pool: Pool, { report: kind, filters, format, from, to }: ClaimedReport): Promise<File> {
  const report = REPORTS[kind];
  if (report === undefined) throw new Problem(400, `there is no report "${kind}" any more`);
  const period = { from: from.toISOString(), to: to.toISOString() };
  const asked = report.query.safeParse({ ...filters, ...("to" in report.query.shape && period) });
  if (!asked.success) throw new Problem(400, "its filters are not known any more: change the report");
  const content = await (format === "csv" ? csvOf : jsonOf)(report, pool, asked.data);
  return {
    filename: `${kind}-${to.toISOString().slice(0, 10)}.${format}`,
    content: Buffer.from(content),
    contentType: format === "csv" ? "text/csv; charset=utf-8" : "application/json",
  };
}

function textOf({ report: kind, from, to }: ClaimedReport, publicUrl: string): string {
  return [
    REPORTS[kind]?.question ?? kind,
    `From ${from.toISOString()} to ${to.toISOString()}. The numbers are in the attached file.`,
    `Now: ${publicUrl}/#/analytics/${kind}`,
    `A manager can change or end this report: ${publicUrl}/#/analytics/mail`,
    "",
  ].join("\n\n");
}

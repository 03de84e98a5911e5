import { isIP } from "node:net";
import { createTransport, type NodemailerError } from "nodemailer";
import { type Answer, type Send, printable } from "./channel.ts";
import { headline, linkOf, type Message, restOf, subjectOf, TEST_TEXT } from "./message.ts";

const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
export const NO_SERVER = "there is no mail server: SMTP_URL is not set";
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** What stands behind the @ of an address of ours. */
export function mailHost(publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  return isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? hostname : "localhost";
}

/** What is left of an SMTP_URL without our own parameter, and who its mail is from. */
export function smtpSettings(smtpUrl: string, publicUrl: string): { url: string; from: string; host: string } {
  const url = new URL(smtpUrl);
  const host = mailHost(publicUrl);
  const user = decodeURIComponent(url.username);
  const from = url.searchParams.get("from") ?? (ADDRESS.test(user) ? user : `waystock@${host}`);
  url.searchParams.delete("from");
  return { url: url.toString(), from, host };
}

/** An SMTP server, and who its mail is from. */
export function openTransport(smtpUrl: string, publicUrl: string) {
  const { url, from, host } = smtpSettings(smtpUrl, publicUrl);
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { transport, from, host };
}

/**
 * Sends mail by an SMTP server. Between its 250 and our commit lies a moment in which a message may be sent twice (RFC 5321 §6.1): the
 * repeat has the same Message-ID.
 * @param smtpUrl undefined: there is no server
 */
export function createEmailChannel(smtpUrl: string | undefined, publicUrl: string): Send {
  if (smtpUrl === undefined) {
    return async () => ({ accepted: false, response: NO_SERVER });
  }
  const { transport, from, host } = openTransport(smtpUrl, publicUrl);
  return async (target, message, signal) => {
    try {
      const { response } = await transport.sendMail({
        from: { name: "Waystock", address: from },
        // As an object: an address is never parsed as a list of them.
        to: { name: "", address: target },
        subject: subjectOf(message),
        text: textOf(message),
        messageId: `<${message.key}@${host}>`,
        date: message.at,
        headers: { "Auto-Submitted": "auto-generated" },
        signal,
      });
      return { accepted: true, response: printable(response) };
    } catch (error) {
      return mailProblem(error as NodemailerError);
    }
  };
}

/** A server that refuses the address or the message for good says 5xx (RFC 5321 §4.2.1); a login that is wrong can be mended. */
export function mailProblem({ message, response, responseCode = 0, command = "" }: NodemailerError): Answer {
  const isFinal = responseCode >= 500 && /^(?:MAIL FROM|RCPT TO|DATA)$/.test(command);
  return { accepted: false, response: printable(response ?? message), isFinal };
}

function textOf(message: Message): string {
  const { alerts, publicUrl, rule } = message;
  const told = alerts.map((alert) =>
    [
      headline(alert),
      alert.next_step,
      `Since ${alert.happened_at.toISOString()}${alert.state === "open" ? "" : `; ${alert.state} now`}`,
      linkOf(publicUrl, alert),
    ].join("\n"),
  );
  const parts = message.kind === "test" ? [TEST_TEXT] : [...told, restOf(message)];
  return `${[...parts.filter((part) => part !== ""), `Notification rule: ${rule.name}`].join("\n\n")}\n`;
}

import type { Message } from "./message.ts";

export const CHANNELS = ["email", "webhook", "push", "slack", "teams"] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** What the other side said to a message. */
export type Answer =
  | { accepted: true; response: string; /** of HTTP */ status?: number }
  | {
      accepted: false;
      response: string;
      /** no later attempt can succeed */
      isFinal?: boolean;
      /** nothing is wrong: it is for nobody who is reached there */
      isForNobody?: boolean;
      /** of HTTP */
      status?: number;
      /** how long it asked to be left alone, milliseconds */
      retryMs?: number | undefined;
    };

/** Sends a message to an address. It never throws; what went wrong is told in the answer. */
export type Send = (target: string, message: Message, signal: AbortSignal) => Promise<Answer>;

/** What is kept of what the other side says, characters. */
const MAX_RESPONSE = 300;

/** One line of text that may be shown. */
export const printable = (text: string): string =>
  text
    // oxlint-disable-next-line eslint/no-control-regex -- they are what is taken out
    .replace(/[\s\u0000-\u001f\u007f]+/g, " ")
    .trim()
    .slice(0, MAX_RESPONSE);

import type { JsonObject } from "../json.ts";
import { type EpcFormat, inEpcFormat } from "./epc-format.ts";

/** An event of the repository, as an answer needs it. */
export interface StoredEvent {
  eventId: string;
  recordTime: Date;
  /** as it was sent */
  body: string;
}

/**
 * An event as answers have it: as it was sent, letter by letter, with the id and the time of its record where the sender gave none. A record
 * time that was sent stays: it is part of the event, and queries ask for that of the repository.
 */
export function eventText(
  { eventId, recordTime, body }: StoredEvent,
  format: EpcFormat,
  companyPrefixes: readonly string[],
): string {
  const sent = JSON.parse(body) as JsonObject;
  const more = {
    ...(sent.eventID === undefined && { eventID: eventId }),
    ...(sent.recordTime === undefined && { recordTime: recordTime.toISOString() }),
  };
  return withFields(inEpcFormat(body, format, companyPrefixes), more);
}

/** The text of an object with more fields before its own. */
export function withFields(body: string, fields: JsonObject): string {
  if (Object.keys(fields).length === 0) return body;
  const own = body.slice(body.indexOf("{") + 1);
  return `${JSON.stringify(fields).slice(0, -1)}${/^\s*\}/.test(own) ? "" : ","}${own}`;
}

/** An event by itself has the context of its document, unless it has one of its own. */
export const withContext = (text: string, body: string, context: string): string =>
  (JSON.parse(body) as JsonObject)["@context"] === undefined
    ? `{"@context":${context},${text.slice(text.indexOf("{") + 1)}`
    : text;

import type { RecordedEvent } from "./event.ts";

/** Of a body that is one event in structured mode (CloudEvents 1.0.2, JSON format §3). */
export const CLOUD_EVENT_TYPE = "application/cloudevents+json";

/** An event in the JSON format of CloudEvents 1.0.2. */
export interface CloudEvent {
  specversion: "1.0";
  id: string;
  /** the platform that tells of it; with `id` it is unique (§3.1) */
  source: string;
  /** `waystock.{type}.v{version}`: the version changes when readers must change */
  type: string;
  subject: string;
  /** when it happened, ISO 8601 */
  time: string;
  datacontenttype: "application/json";
  /** when the platform knew of it, ISO 8601 (extension) */
  recordedtime: string;
  /** the id of the event that this one corrects (extension; names of attributes have no underscore, §3) */
  corrects?: string;
  data: Readonly<Record<string, unknown>>;
}

const VERSION = 1;

/** @param source the public URL of the platform */
export function toCloudEvent(event: RecordedEvent, source: string): CloudEvent {
  return {
    specversion: "1.0",
    id: event.id,
    source,
    type: `waystock.${event.type}.v${VERSION}`,
    subject: event.subject,
    time: event.happenedAt.toISOString(),
    datacontenttype: "application/json",
    recordedtime: event.recordedAt.toISOString(),
    ...(event.corrects === null ? {} : { corrects: event.corrects }),
    data: event.data,
  };
}

/** Something that has happened, as it is told to other systems. */
export interface OutboundEvent {
  /** the same for ever; two events are the same if and only if their ids are */
  id: string;
  /** e.g. `shipment.stage_changed` */
  type: string;
  /** the id of the first event about the same, of a correction */
  corrects: string | null;
  /** a path of the API, e.g. `/shipments/12` */
  subject: string;
  happenedAt: Date;
  /** where it happened, if at a place */
  locationId: number | null;
  /** whose goods it is about, if somebody's */
  ownerId: number | null;
  /** names as the API has them */
  data: Readonly<Record<string, unknown>>;
}

/** An event in the log. Who has read up to a position has missed nothing before it. */
export interface RecordedEvent extends OutboundEvent {
  position: number;
  recordedAt: Date;
}

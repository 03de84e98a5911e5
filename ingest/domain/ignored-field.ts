/** A field that a decoder does not know, or cannot use: it is counted by device, kind and name. */
export interface IgnoredField {
  /** the kind of reading that it came with, if the format has kinds */
  kind: string | undefined;
  field: string;
  /** in how many readings of the message */
  count: number;
  /** what the sender may have meant, for people */
  hint: string | undefined;
}

/** Events of one document (header `GS1-EPCIS-Capture-Limit`). */
export const MAX_EVENTS = 5_000;
/** Bytes of one document (header `GS1-EPCIS-Capture-File-Size-Limit`). */
export const MAX_BYTES = 10 * 1024 * 1024;
/** Documents of one sender that wait. */
export const MAX_WAITING = 1_000;
/** What indexes hold: characters of an identifier. */
export const MAX_IDENTIFIER = 1_000;

/** What becomes of a document with an event that cannot be captured: nothing of it is kept, or all others are. */
export const ERROR_BEHAVIOURS = ["rollback", "proceed"] as const;
export type ErrorBehaviour = (typeof ERROR_BEHAVIOURS)[number];

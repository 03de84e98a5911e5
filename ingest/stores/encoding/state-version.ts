/**
 * The shape of what the signal rules remember between readings: a number stored with it. To be raised with every change
 * of a rule's state by which an older program's would be misread (what has none is of shape 1). State of another shape
 * is taken for none at all, and what it stood for is derived again from stored readings by the late worker.
 */
export const STATE_SHAPE = 2;

/** What is stored with its shape, if this program can read it. */
export function readable<T extends { shape?: number | undefined }>(stored: T | undefined): T | undefined {
  return stored?.shape === undefined || stored.shape === STATE_SHAPE ? stored : undefined;
}

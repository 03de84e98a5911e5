/**
 * The version of the state that signal rules keep between readings; stored with each state. Raise it with every change of
 * a rule's state that the code before would misread. State of another version is not used: the late data worker derives it
 * again from stored readings.
 */
export const STATE_VERSION = 2;

/** Stored state if it is of the current version; undefined otherwise. */
export function ifCurrentVersion<T extends { version: number }>(stored: T | undefined): T | undefined {
  return stored?.version === STATE_VERSION ? stored : undefined;
}

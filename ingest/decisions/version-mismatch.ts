import type { Subject } from "../domain/fact.ts";

/** A person's change was based on a row version that is no longer current (HTTP 412). */
export class VersionMismatch extends Error {
  readonly subject: Subject;
  constructor(subject: Subject) {
    super(`${subject} has changed since it was read`);
    this.subject = subject;
  }
}

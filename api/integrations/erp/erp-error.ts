/** Why the ERP did not do what it was asked for. */
export type ErpFault =
  /** the credentials, or their rights: a person must look */
  | "auth"
  /** it cannot be reached, or has a fault: the same may work later */
  | "away"
  /** it asks for a pause */
  | "limit"
  /** it refuses what was asked; the same will be refused again */
  | "refused";

export class ErpError extends Error {
  readonly fault: ErpFault;
  /** how long it asks to be left alone, milliseconds */
  readonly retryMs: number | undefined;

  constructor(fault: ErpFault, message: string, retryMs?: number) {
    super(message);
    this.fault = fault;
    this.retryMs = retryMs;
  }
}

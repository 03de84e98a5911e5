export type ConflictType =
  | "both_changed"
  | "deleted_there"
  | "duplicate"
  | "unknown_unit"
  | "unknown_reference"
  | "unmapped_warehouse"
  | "bad_quantity"
  | "changed_after_shipping"
  | "level_differs"
  | "refused"
  | "not_possible";

/** Why a document of the ERP cannot be followed here without a person (docs/decisions/42-erp.md). */
export class Clash extends Error {
  readonly type: ConflictType;
  /** what of the document it is about, such as a field; one conflict of a type for each */
  readonly subject: string;
  readonly ours: unknown;

  constructor(
    type: ConflictType,
    message: string,
    { subject = "", ours = null }: { subject?: string; ours?: unknown } = {},
  ) {
    super(message);
    this.type = type;
    this.subject = subject;
    this.ours = ours;
  }
}

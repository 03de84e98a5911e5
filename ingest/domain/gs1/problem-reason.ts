/** The quarantine reason for what a parser of GS1 codes says is wrong. */
export function problemReason(detail: string): "bad-checksum" | "impossible-date" | "unclear-code" | "malformed" {
  if (detail.includes("check digit")) return "bad-checksum";
  if (detail.includes("date that does not exist")) return "impossible-date";
  return detail.includes("told apart") || detail.includes("separators") ? "unclear-code" : "malformed";
}

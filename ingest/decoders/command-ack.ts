import { commandAck } from "../../broker/contract/commands.ts";
import type { Rejection } from "./decoder.ts";
import { parseJson } from "./json/payload.ts";
import { describeIssues } from "./validation/schema-issues.ts";

/** Why the acknowledgement of a command is none; undefined when it is one. The broker records it (command-acks.ts). */
export function problemOfAck(payload: Buffer): Pick<Rejection, "reason" | "detail"> | undefined {
  const json = parseJson(payload);
  if (!json.ok) return { reason: json.reason, detail: json.detail };
  const result = commandAck.safeParse(json.value);
  if (result.success) return undefined;
  return { reason: "malformed", detail: describeIssues(result.error.issues, json.value) };
}

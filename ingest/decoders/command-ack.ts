import { commandAck } from "../../broker/contract/commands.ts";
import { type Decoded, rejected } from "./decoder.ts";
import { decodeElements, parseJson } from "./json/payload.ts";
import { describeIssues } from "./validation/schema-issues.ts";

/** Elements that are not acknowledgements of commands, as rejections. The broker records the others (command-acks.ts). */
export function decodeAcks(payload: Buffer): Decoded {
  const json = parseJson(payload);
  // As the broker reads it: no values one after another.
  if (!json.ok) return rejected(json.reason, json.detail);
  return decodeElements(payload, "acknowledgements", ({ rejections }, element, index) => {
    const result = commandAck.safeParse(element);
    if (!result.success)
      rejections.push({ index, reason: "malformed", detail: describeIssues(result.error.issues, element) });
  });
}

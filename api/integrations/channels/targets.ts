import { createHash } from "node:crypto";
import { z } from "zod";
import { ROLES } from "../../auth/roles.ts";
import type { ChannelName } from "./channel.ts";
import { urlProblem } from "./public-addresses.ts";

const address = z.email({ pattern: z.regexes.html5Email }).max(254);

/** Why a message cannot be sent to this address; undefined: it can. */
export function targetProblem(
  channel: ChannelName,
  target: string,
  allowedHosts: readonly string[],
): string | undefined {
  if (channel === "push") {
    const isKnown = ROLES.some((role) => role === target) || address.safeParse(target).success;
    return isKnown ? undefined : `expected the e-mail address of a user, or a role: ${ROLES.join(", ")}`;
  }
  if (channel !== "email") return urlProblem(target, allowedHosts);
  return address.safeParse(target).success ? undefined : "expected an e-mail address, such as name@example.com";
}

/**
 * An address as it may be shown to everybody: the URL of a chat is a secret, who knows it can write there. Two URLs of one host are told
 * apart by the end.
 */
export function shortTarget(channel: ChannelName, target: string): string {
  if (channel === "email" || channel === "push" || !URL.canParse(target)) return target;
  const mark = createHash("sha256").update(target).digest("hex").slice(0, 6);
  return `${new URL(target).host} (${mark})`;
}

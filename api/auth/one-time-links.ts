import type { PoolClient } from "pg";
import { newSecret, sha256 } from "./secrets.ts";
import { addSetupToken, type LinkPurpose } from "./setup-token-queries.ts";

/** A link that works once. Only the hash of its token is kept, so it can be shown only now. */
export interface OneTimeLink {
  link: string;
  /** what `POST /auth/setup` and `POST /auth/reset` take */
  token: string;
  expires_at: Date;
}

/** The page that a link opens: what it asks for is the same. */
const PAGES: Readonly<Record<LinkPurpose, "setup" | "reset">> = {
  first_admin: "setup",
  sign_in: "setup",
  invitation: "setup",
  reset: "reset",
  recovery: "reset",
};

/** Makes a one-time link, which replaces the earlier ones of its user and purpose. @param userId null: `first_admin` */
export async function addOneTimeLink(
  client: PoolClient,
  purpose: LinkPurpose,
  userId: number | null,
  publicUrl: string,
): Promise<OneTimeLink> {
  const token = newSecret();
  const expires_at = await addSetupToken(client, { tokenSha256: sha256(token), purpose, userId });
  return { link: `${publicUrl.replace(/\/+$/, "")}/#/${PAGES[purpose]}/${token}`, token, expires_at };
}

/** What the server says, in the address, when somebody comes back from the identity provider. */
const FAILURES: Record<string, string> = {
  away: "The identity provider cannot be reached. Try again in a moment.",
  refused: "The identity provider did not sign you in. Try again.",
  "no-role": "Your account has no role here. Ask those who look after the accounts of your organisation.",
  deactivated: "Your account is deactivated here. Ask an administrator.",
};

/** Where somebody comes from: signed in by the provider, or not, and why; undefined: from elsewhere. */
export function readReturn(hash: string): { isSignedIn: boolean; message: string | null } | undefined {
  if (hash === "#/signed-in") return { isSignedIn: true, message: null };
  const reason = /^#\/sign-in-failed\/([\w-]+)$/.exec(hash)?.[1];
  if (reason === undefined) return undefined;
  return { isSignedIn: false, message: FAILURES[reason] ?? FAILURES["refused"]! };
}

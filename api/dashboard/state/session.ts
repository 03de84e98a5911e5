import { Problem, get, post } from "./client.ts";
import type { Person } from "./resources.ts";
import { createStore } from "./store.ts";

export type Session =
  | { at: "loading" }
  | { at: "signed-out"; message: string | null }
  /** the one-time link creates the first administrator: it needs an e-mail address and a password */
  | { at: "setup"; token: string; message: string | null }
  | { at: "signed-in"; person: Person };

export const session = createStore<Session>({ at: "loading" });

/** The text to show for a failed request. Rethrows every error that is not a `Problem`. */
function errorText(cause: unknown): string {
  if (!(cause instanceof Problem)) throw cause;
  if (cause.fields.length === 0) return cause.message;
  return cause.fields.map((field) => `${field.pointer.replace(/^\//, "")}: ${field.message}`).join("; ");
}

/** localStorage key. Scripts cannot see the session cookie: without this mark the page does not ask for a session. */
const HAD_SESSION_KEY = "waystock.been-here";

async function openSession(): Promise<void> {
  localStorage.setItem(HAD_SESSION_KEY, "yes");
  session.set({ at: "signed-in", person: await get<Person>("/auth/me") });
}

export async function signIn(email: string, password: string): Promise<void> {
  try {
    await post("/auth/login", { email, password });
    await openSession();
  } catch (cause) {
    session.set({ at: "signed-out", message: errorText(cause) });
  }
}

export async function createAdministrator(token: string, email: string, password: string): Promise<void> {
  try {
    await post("/auth/setup", { token, email, password });
    removeTokenFromAddress();
    await openSession();
  } catch (cause) {
    session.set({ at: "setup", token, message: errorText(cause) });
  }
}

export async function signOut(): Promise<void> {
  try {
    await post("/auth/logout", {});
    localStorage.removeItem(HAD_SESSION_KEY);
    session.set({ at: "signed-out", message: null });
  } catch (cause) {
    session.set({ at: "signed-out", message: `You may still be signed in: ${errorText(cause)}` });
  }
}

export function endSession(): void {
  session.set({ at: "signed-out", message: "Your session has ended. Please sign in again." });
}

/** The one-time token must not stay in the address, the history or a bookmark. */
function removeTokenFromAddress(): void {
  history.replaceState(null, "", "#/");
}

async function redeemSignInLink(token: string): Promise<void> {
  try {
    await post("/auth/setup", { token });
    removeTokenFromAddress();
    await openSession();
  } catch (cause) {
    const message = errorText(cause);
    if (cause instanceof Problem && cause.status === 400) {
      session.set({ at: "setup", token, message: null });
    } else {
      removeTokenFromAddress();
      await resumeSession(`Signing in with this link failed: ${message}`);
    }
  }
}

async function resumeSession(message: string | null): Promise<void> {
  if (localStorage.getItem(HAD_SESSION_KEY) === null) return session.set({ at: "signed-out", message: message });
  try {
    await openSession();
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 401) localStorage.removeItem(HAD_SESSION_KEY);
    const away = cause instanceof Problem && cause.status !== 401 ? errorText(cause) : message;
    session.set({ at: "signed-out", message: away });
  }
}

/** The last token sent: the start of the page and a `hashchange` event may both name it, and it works only once. */
let redeemedToken: string | undefined;

/** Signs in with the one-time link in the address or with the session cookie, else shows the sign-in form. */
export async function startSession(): Promise<void> {
  const token = /^#\/setup\/(.+)$/.exec(location.hash)?.[1];
  if (token !== undefined && token === redeemedToken) return;
  redeemedToken = token;
  session.set({ at: "loading" });
  if (token === undefined) await resumeSession(null);
  else await redeemSignInLink(decodeURIComponent(token));
}

const RENEW_INTERVAL_MS = 60 * 60_000;

/** Keeps a page on a wall screen signed in: renews the session well before it expires. */
export function renewSessionHourly(): () => void {
  async function renew(): Promise<void> {
    try {
      await post("/auth/refresh", {});
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      // Without a connection the next attempt follows in an hour. Meanwhile the stream shows that the data is stale.
      if (cause.status === 401) endSession();
    }
  }
  const timer = setInterval(() => void renew(), RENEW_INTERVAL_MS);
  return () => clearInterval(timer);
}

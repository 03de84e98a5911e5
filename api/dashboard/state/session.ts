import { Problem, get, post } from "./client.ts";
import type { Person } from "./resources.ts";
import { createStore } from "./store.ts";

export type Session =
  | { at: "asking" }
  | { at: "door"; message: string | null }
  /** a one-time link that needs an e-mail address and a password to make the first administrator */
  | { at: "first-administrator"; token: string; message: string | null }
  | { at: "desk"; person: Person };

export const session = createStore<Session>({ at: "asking" });

/** What a failed request says to the person; anything that is not an answer of the server is a fault and is thrown on. */
function said(cause: unknown): string {
  if (!(cause instanceof Problem)) throw cause;
  if (cause.fields.length === 0) return cause.message;
  return cause.fields.map((field) => `${field.pointer.replace(/^\//, "")}: ${field.message}`).join("; ");
}

/** The session cookie is hidden from scripts; this remembers that there was one, so that strangers ask nothing. */
const BEEN_HERE = "waystock.been-here";

async function enter(): Promise<void> {
  localStorage.setItem(BEEN_HERE, "yes");
  session.set({ at: "desk", person: await get<Person>("/auth/me") });
}

export async function signIn(email: string, password: string): Promise<void> {
  try {
    await post("/auth/login", { email, password });
    await enter();
  } catch (cause) {
    session.set({ at: "door", message: said(cause) });
  }
}

export async function createAdministrator(token: string, email: string, password: string): Promise<void> {
  try {
    await post("/auth/setup", { token, email, password });
    leaveLink();
    await enter();
  } catch (cause) {
    session.set({ at: "first-administrator", token, message: said(cause) });
  }
}

export async function signOut(): Promise<void> {
  try {
    await post("/auth/logout", {});
    localStorage.removeItem(BEEN_HERE);
    session.set({ at: "door", message: null });
  } catch (cause) {
    session.set({ at: "door", message: `You may still be signed in: ${said(cause)}` });
  }
}

export function signedOut(): void {
  session.set({ at: "door", message: "Your session has ended. Please sign in again." });
}

/** The link works once; it must not stay in the address, the history or a bookmark. */
function leaveLink(): void {
  history.replaceState(null, "", "#/");
}

async function followLink(token: string): Promise<void> {
  try {
    await post("/auth/setup", { token });
    leaveLink();
    await enter();
  } catch (cause) {
    const message = said(cause);
    if (cause instanceof Problem && cause.status === 400) {
      session.set({ at: "first-administrator", token, message: null });
    } else {
      leaveLink();
      await resume(`This sign-in link does not work (any more). ${message}`);
    }
  }
}

async function resume(messageAtDoor: string | null): Promise<void> {
  if (localStorage.getItem(BEEN_HERE) === null) return session.set({ at: "door", message: messageAtDoor });
  try {
    await enter();
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 401) localStorage.removeItem(BEEN_HERE);
    const away = cause instanceof Problem && cause.status !== 401 ? said(cause) : messageAtDoor;
    session.set({ at: "door", message: away });
  }
}

/** The link that was followed last: the page's start and a change of address may both name it, and it works once. */
let followed: string | undefined;

/** Finds out who is there: a one-time link in the address, a session cookie, or nobody yet. */
export async function startSession(): Promise<void> {
  const token = /^#\/setup\/(.+)$/.exec(location.hash)?.[1];
  if (token !== undefined && token === followed) return;
  followed = token;
  session.set({ at: "asking" });
  if (token === undefined) await resume(null);
  else await followLink(decodeURIComponent(token));
}

const RENEW_EVERY_MS = 60 * 60_000;

/** A page on a wall stays signed in: the session is renewed well before it would end. */
export function keepSession(): () => void {
  async function renew(): Promise<void> {
    try {
      await post("/auth/refresh", {});
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      // Without a connection there is another try in an hour; the stream says meanwhile that it is stale.
      if (cause.status === 401) signedOut();
    }
  }
  const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
  return () => clearInterval(timer);
}

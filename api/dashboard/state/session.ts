import { Problem, get, post, remove } from "./client.ts";
import type { Person } from "./roles.ts";
import { readReturn } from "./external-sign-in.ts";
import { createStore } from "./store.ts";

/** What a one-time link asks for before it lets somebody in. */
export interface LinkForm {
  token: string;
  /** where it is sent to */
  path: "/auth/setup" | "/auth/reset";
  /** what it is for, e.g. whose password is chosen */
  hint: string;
  /** it creates the first administrator; else it is for an account that exists */
  asksEmail: boolean;
  /** a code of the second factor is needed too */
  asksCode: boolean;
}

export type Session =
  | { at: "loading" }
  /** `asksCode`: the password was right, and a code of the second factor is needed too */
  | { at: "signed-out"; message: string | null; asksCode?: boolean }
  | { at: "link"; form: LinkForm; message: string | null }
  | { at: "signed-in"; person: Person };

export const session = createStore<Session>({ at: "loading" });

/** The text to show for a failed request. Rethrows every error that is not a `Problem`. */
export function errorText(cause: unknown): string {
  if (!(cause instanceof Problem)) throw cause;
  if (cause.fields.length === 0) return cause.message;
  return cause.fields.map((field) => `${field.pointer.replace(/^\//, "")}: ${field.message}`).join("; ");
}

/** The text to show for a failed request of a signed-in person. When the session has ended, the page asks to sign in again. */
export function failureText(cause: unknown): string {
  if (cause instanceof Problem && cause.status === 401) endSession();
  return errorText(cause);
}

/** localStorage key. Scripts cannot see the session cookie: without this mark the page does not ask for a session. */
const HAD_SESSION_KEY = "waystock.been-here";

async function openSession(): Promise<void> {
  localStorage.setItem(HAD_SESSION_KEY, "yes");
  session.set({ at: "signed-in", person: await get("/auth/me") });
}

/** Reads again what the server says of the person: it has changed. */
export async function refreshPerson(): Promise<void> {
  session.set({ at: "signed-in", person: await get("/auth/me") });
}

const asksCode = (cause: unknown): boolean => cause instanceof Problem && cause.type.startsWith("second-factor-");

/** What is said of a failure; that a code is needed is no failure. */
const messageOf = (cause: unknown): string | null =>
  cause instanceof Problem && cause.type === "second-factor-required" ? null : errorText(cause);

export async function signIn(email: string, password: string, code?: string): Promise<void> {
  try {
    await post("/auth/login", { email, password, ...(code !== undefined && { code }) });
    await openSession();
  } catch (cause) {
    session.set({ at: "signed-out", message: messageOf(cause), asksCode: asksCode(cause) });
  }
}

/** Sends what the form of a one-time link asked for. */
export async function sendLinkForm(
  form: LinkForm,
  sent: { email?: string; password: string; code?: string },
): Promise<void> {
  try {
    await post(form.path, { token: form.token, ...sent });
    removeTokenFromAddress();
    await openSession();
  } catch (cause) {
    session.set({
      at: "link",
      form: { ...form, asksCode: form.asksCode || asksCode(cause) },
      message: messageOf(cause),
    });
  }
}

/** Ends this session, or all sessions of the person. */
export async function signOut(everywhere = false): Promise<void> {
  try {
    await (everywhere ? remove("/auth/sessions") : post("/auth/logout", {}));
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

/** Opens a one-time link: one for signing in does so at once, another says what it asks for. */
async function openLink(token: string, path: LinkForm["path"]): Promise<void> {
  try {
    await post(path, { token });
    removeTokenFromAddress();
    await openSession();
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 400) {
      const asksEmail = cause.fields.some(({ pointer }) => pointer === "/email");
      const said = cause.fields[0]?.message ?? cause.message;
      const hint = `This link works once: ${said}.`;
      session.set({ at: "link", form: { token, path, hint, asksEmail, asksCode: false }, message: null });
    } else {
      removeTokenFromAddress();
      await resumeSession(`This link did not work: ${errorText(cause)}`);
    }
  }
}

/** Asks the administrators for a new password. The answer is the same for every address. */
export const askForReset = async (email: string): Promise<void> => void (await post("/auth/reset", { email }));

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

/** Whether an address is that of a one-time link. */
export const isLink = (hash: string): boolean => /^#\/(setup|reset)\/./.test(hash);

/** The last token sent: the start of the page and a `hashchange` event may both name it, and it works only once. */
let redeemedToken: string | undefined;

/** Opens the one-time link in the address, or the session of the cookie, else shows the sign-in form. */
export async function startSession(): Promise<void> {
  const [, path, token] = /^#(\/setup|\/reset)\/(.+)$/.exec(location.hash) ?? [];
  if (token !== undefined && token === redeemedToken) return;
  redeemedToken = token;
  session.set({ at: "loading" });
  const back = readReturn(location.hash);
  if (back) removeTokenFromAddress();
  if (back?.isSignedIn === true) localStorage.setItem(HAD_SESSION_KEY, "yes");
  if (token === undefined) await resumeSession(back?.message ?? null);
  else await openLink(decodeURIComponent(token), path === "/reset" ? "/auth/reset" : "/auth/setup");
}

const RENEW_INTERVAL_MS = 60 * 60_000;

/** localStorage key: when a page of this browser has renewed the session, epoch milliseconds. */
const RENEWED_AT_KEY = "waystock.renewed-at";

/**
 * Renews the session, unless another page of this browser has just done so: they share the cookie, and the server ends
 * a session whose old cookie comes again.
 */
async function renewOnce(): Promise<void> {
  const sinceMs = Date.now() - Number(localStorage.getItem(RENEWED_AT_KEY) ?? 0);
  if (sinceMs >= 0 && sinceMs < RENEW_INTERVAL_MS / 2) return;
  await post("/auth/refresh", {});
  localStorage.setItem(RENEWED_AT_KEY, String(Date.now()));
}

/** Keeps a page on a wall screen signed in: renews the session well before it expires. */
export function renewSessionHourly(): () => void {
  async function renew(): Promise<void> {
    try {
      // Browsers have locks on HTTPS and on this machine only.
      if ("locks" in navigator) await navigator.locks.request(RENEWED_AT_KEY, renewOnce);
      else await renewOnce();
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      // Without a connection the next attempt follows in an hour. Meanwhile the stream shows that the data is stale.
      if (cause.status === 401) endSession();
    }
  }
  const timer = setInterval(() => void renew(), RENEW_INTERVAL_MS);
  return () => clearInterval(timer);
}

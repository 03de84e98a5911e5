import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import { hashPassword } from "../../../api/auth/passwords.ts";
import { freePort } from "../../../infra/runtime/free-port.ts";
import { serveHttp } from "../../../infra/runtime/http-server.ts";
import { type TestApi, startApi } from "../support.ts";

export const EMAIL = "anna@waystock.test";
const PASSWORD = "a long enough password";
/** By how long each answer of the API is held back, at most. To find tests that read the page before it has its data. */
const SLOW_ANSWERS_MS = Number(process.env["SLOW_ANSWERS_MS"] ?? 0);

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

export type Act = (page: Page) => Promise<void>;

export interface WindowOptions extends BrowserContextOptions {
  /** what the browser says of requests that shall be refused */
  expectedFailure?: RegExp;
}

/** The API with the built page, served to a Chromium. */
export interface ServedDashboard {
  api: TestApi;
  origin: string;
  /** Runs `act` in a new window. Fails on console errors and warnings, and on requests to another origin. */
  inWindow(act: Act, options?: WindowOptions): Promise<void>;
  /** The same, signed in as EMAIL, with the data loaded. Signing in is slow on purpose, so it is done once. */
  signedIn(act: Act, options?: WindowOptions): Promise<void>;
  close(): Promise<void>;
}

export interface BuiltDashboard {
  directory: string;
  remove(): Promise<void>;
}

export async function buildDashboard(): Promise<BuiltDashboard> {
  const directory = await mkdtemp(join(tmpdir(), "waystock-page-"));
  await build({ configFile: "api/dashboard/vite.config.ts", logLevel: "warn", build: { outDir: directory } });
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Builds the page and serves it. @param binary of Chromium */
export async function openDashboard(binary: string, settings: TestSettings = {}): Promise<ServedDashboard> {
  const built = await buildDashboard();
  const served = await serveDashboard(built.directory, binary, undefined, settings);
  return {
    ...served,
    async close() {
      await served.close();
      await built.remove();
    },
  };
}

type TestSettings = NonNullable<Parameters<typeof startApi>[0]>;

/**
 * Serves a built page. EMAIL is an administrator.
 * @param directory of the page
 * @param binary of Chromium
 * @param beside an API whose database this one shares
 */
export async function serveDashboard(
  directory: string,
  binary: string,
  beside?: { db: { url: string } },
  settings: TestSettings = {},
): Promise<ServedDashboard> {
  const api = await startApi({ dashboardDirectory: directory, ...settings }, beside && { beside });
  await addUser(api, EMAIL, "admin");
  const listener = { host: "127.0.0.1", port: await freePort("127.0.0.1"), tls: false };
  const server = await serveHttp(api.app.fetch, listener, undefined);
  const origin = `http://127.0.0.1:${listener.port}`;
  const browser = await chromium.launch({ executablePath: binary, args: ["--no-sandbox"] });
  let state: Promise<StorageState> | undefined;
  async function storeSession(): Promise<StorageState> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(origin);
    await signIn(page);
    const stored = await context.storageState();
    await context.close();
    return stored;
  }
  return {
    api,
    origin,
    inWindow: (act, options = {}) => inWindow({ browser, origin }, act, options),
    async signedIn(act, options) {
      state ??= storeSession();
      const live: Act = async (page) => {
        await page.locator(".connection-status.live").waitFor();
        await act(page);
      };
      // Drawing what moves takes most of the time on a machine without a graphics card.
      await inWindow({ browser, origin }, live, { storageState: await state, reducedMotion: "reduce", ...options });
    },
    async close() {
      await browser.close();
      await server.close();
      await api.close();
    },
  };
}

export async function addUser(api: TestApi, email: string, role: string): Promise<void> {
  await api.db.pool.query("INSERT INTO users (email, role, password_hash) VALUES ($1, $2, $3)", [
    email,
    role,
    await hashPassword(PASSWORD),
  ]);
}

async function inWindow(
  { browser, origin }: { browser: Browser; origin: string },
  act: Act,
  { expectedFailure, ...options }: WindowOptions,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  // As long as `expect.poll` waits.
  context.setDefaultTimeout(50_000);
  const failures: string[] = [];
  try {
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") failures.push(message.text());
    });
    page.on("pageerror", (error) => failures.push(String(error)));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== origin) failures.push(`requested ${request.url()}`);
    });
    if (SLOW_ANSWERS_MS > 0) await holdBackAnswers(page);
    await page.goto(origin);
    await act(page);
    expect(failures.filter((failure) => expectedFailure?.test(failure) !== true)).toEqual([]);
  } finally {
    await context.close();
  }
}

async function holdBackAnswers(page: Page): Promise<void> {
  const isAnswer = (url: URL): boolean => !url.pathname.startsWith("/assets/") && url.pathname !== "/stream";
  await page.route(isAnswer, async (route) => {
    await sleep(Math.random() * SLOW_ANSWERS_MS);
    // A window that closes meanwhile takes its requests with it.
    await route.continue().catch(() => undefined);
  });
}

export async function signIn(page: Page, email = EMAIL): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".connection-status.live").waitFor();
}

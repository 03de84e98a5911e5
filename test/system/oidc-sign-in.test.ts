import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OidcProvider } from "../../api/auth/oidc/provider.ts";
import { freePort } from "../../infra/runtime/free-port.ts";
import { serveHttp } from "../../infra/runtime/http-server.ts";
import { type IdentityProvider, startIdentityProvider } from "../support/identity-provider.ts";
import { requires } from "../support/requires.ts";
import { buildDashboard, type BuiltDashboard } from "../api/dashboard/chromium-window.ts";
import { startApi, type TestApi } from "../api/support.ts";

const binary = requires("chromium");

describe.skipIf(binary === undefined)("sign-in in the browser by an identity provider", () => {
  const roles: Record<string, string[] | undefined> = { mia: ["manager", "viewer"], otto: undefined, lea: ["viewer"] };
  let [idp, api, browser]: [IdentityProvider?, TestApi?, Browser?] = [];
  let server: Awaited<ReturnType<typeof serveHttp>> | undefined;
  let built: BuiltDashboard | undefined;
  let origin: string;

  beforeAll(async () => {
    const port = await freePort("127.0.0.1");
    origin = `http://127.0.0.1:${port}`;
    idp = await startIdentityProvider(`${origin}/auth/oidc/callback`, (name) => roles[name]);
    const { issuer, clientId, clientSecret } = idp;
    const settings = { issuer, clientId, clientSecret, rolesClaim: "roles" };
    const oidc = new OidcProvider(settings, pino({ level: "silent" }));
    built = await buildDashboard();
    api = await startApi({ publicUrl: origin, dashboardDirectory: built.directory }, { oidc });
    server = await serveHttp(api.app.fetch, { host: "127.0.0.1", port }, undefined);
    browser = await chromium.launch({ executablePath: binary!, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await api?.close();
    await idp?.close();
    await built?.remove();
  });

  async function inWindow(act: (page: Page, context: BrowserContext) => Promise<void>): Promise<void> {
    const context = await browser!.newContext();
    try {
      await act(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  /** Signs in at the provider, by the button of the page, and lets it send the browser back. */
  async function signIn(page: Page, name: string): Promise<void> {
    await page.goto(origin);
    await page.getByRole("link", { name: "Sign in with your organisation" }).click();
    await page.waitForURL(`${idp!.issuer}/**`);
    expect(new URL(page.url()).origin).toBe(idp!.issuer);
    await page.locator("[name=login]").fill(name);
    await page.locator("[name=password]").fill("any");
    await page.locator("[type=submit]").click();
    await page.getByText("Continue").click();
    await page.waitForURL(`${origin}/**`);
  }

  const refused = (page: Page) => page.getByRole("alert").getByText("did not sign you in").waitFor();

  /** What a request by the page of this origin is answered. */
  const me = (page: Page) =>
    page.evaluate(async () => {
      const response = await fetch("/auth/me");
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    });

  test("a user who signs in there is signed in here, in the role that the provider gives", async () => {
    await inWindow(async (page, context) => {
      await signIn(page, "mia");
      await page.locator(".connection-status.live").waitFor();
      expect(page.url()).toBe(`${origin}/#/`);
      expect(await me(page)).toMatchObject({ status: 200, body: { email: "mia@company.test", role: "manager" } });
      const cookies = await context.cookies(origin);
      expect(cookies.find(({ name }) => name === "waystock_session")).toMatchObject({
        httpOnly: true,
        sameSite: "Strict",
      });
      // Nothing of the sign-in stays behind.
      expect(cookies.find(({ name }) => name === "waystock_oidc")).toBeUndefined();
    });
    const { rows } = await api!.db.pool.query("SELECT email, role, oidc_subject FROM users WHERE oidc_subject = 'mia'");
    expect(rows).toEqual([{ email: "mia@company.test", role: "manager", oidc_subject: "mia" }]);
  });

  test("another role at the next sign-in ends the sessions of the old one, and the user stays the same", async () => {
    await inWindow(async (first) => {
      await signIn(first, "lea");
      const before = await me(first);
      expect(before.body).toMatchObject({ role: "viewer" });
      roles["lea"] = ["operator"];
      await inWindow(async (second) => {
        await signIn(second, "lea");
        expect(await me(second)).toMatchObject({ status: 200, body: { id: before.body["id"], role: "operator" } });
      });
      expect((await me(first)).status).toBe(401);
    });
  });

  test("a person without a role is told so, and so is one who is deactivated here", async () => {
    await inWindow(async (page) => {
      await signIn(page, "otto");
      await page.getByRole("alert").getByText("Your account has no role here.").waitFor();
      expect((await me(page)).status).toBe(401);
    });
    await api!.db.pool.query("UPDATE users SET active = false WHERE oidc_subject = 'mia'");
    await inWindow(async (page) => {
      await signIn(page, "mia");
      await page.getByRole("alert").getByText("Your account is deactivated here.").waitFor();
      expect((await me(page)).status).toBe(401);
    });
  });

  test("an answer that this browser has not asked for, or a second time, signs nobody in", async () => {
    let address = "";
    await inWindow(async (page, context) => {
      page.on("request", (request) => {
        if (request.url().includes("/auth/oidc/callback?")) address = request.url();
      });
      await signIn(page, "lea");
      // The same answer again, of somebody who is signed in no more: its state was used up.
      await context.clearCookies({ name: "waystock_session" });
      await page.goto(address);
      await refused(page);
    });
    await inWindow(async (page) => {
      await page.goto(address);
      await refused(page);
      expect((await me(page)).status).toBe(401);
      // A state that is not the one of this browser.
      await page.goto(`${origin}/auth/oidc/start`);
      await page.goto(address);
      await refused(page);
      expect((await me(page)).status).toBe(401);
    });
  });

  test("somebody who cancels at the provider is told so", async () => {
    await inWindow(async (page) => {
      await page.goto(`${origin}/auth/oidc/start`);
      await page.getByText("Cancel").click();
      await page.waitForURL(`${origin}/**`);
      await refused(page);
    });
  });
});

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requires } from "../../support/requires.ts";
import { addPerson, codeOf, codeOfStepBefore, PASSWORD } from "../../api/auth/people.ts";
import { EMAIL, openDashboard, type ServedDashboard } from "../../api/dashboard/chromium-window.ts";
import { seedDashboard } from "../../api/dashboard/seed-dashboard.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const binary = requires("chromium");
const PICTURES = process.env.PICTURES;
const SALES = "sam@waystock.test";
const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: "dark" } as const;

describe.skipIf(binary === undefined)("people on the page in Chromium", () => {
  let served: ServedDashboard;
  let data: Awaited<ReturnType<typeof seedDashboard>>;
  beforeAll(async () => {
    served = await openDashboard(binary!);
    data = await seedDashboard(served.api);
  });
  afterAll(() => served?.close());

  /** The address of a link on the server of this test. */
  const here = (link: string): string => link.replace(/^.*(?=\/#)/, served.origin);
  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }
  async function fitsTheWidth(page: Page): Promise<void> {
    const [wide, shown] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
    expect(wide).toBeLessThanOrEqual(shown);
  }
  const userOf = async (email: string): Promise<Record<string, unknown>> => {
    const users = (await data.call("GET /users?limit=200")).body as unknown as Record<string, unknown>[];
    return users.find((user) => user["email"] === email)!;
  };

  it("an administrator invites a sales person limited to one location, who signs in with a second factor", async () => {
    let link = "";
    await served.signedIn(async (page) => {
      await page.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("button", { name: "Invite a user" }).click();
      const form = page.getByRole("form", { name: "Invite a user" });
      await form.getByLabel("E-mail").fill(SALES);
      await form.getByLabel("Name").fill("Sam Sales");
      await form.getByLabel("Role").selectOption("sales");
      await form.getByLabel("only these locations").check();
      await picture(page, "invite");
      await form.getByLabel("Garching Warehouse").check();
      await form.getByRole("button", { name: "Make invitation link" }).click();
      link = await page.getByLabel("Link", { exact: true }).inputValue();
      const row = page.getByRole("listitem").filter({ hasText: SALES });
      await row.getByText(/invited until/).waitFor();
      await expect.poll(() => row.innerText()).toContain("only Garching Warehouse");
      await picture(page, "invited");
    });
    expect(await userOf(SALES)).toMatchObject({ role: "sales", state: "invited", location_ids: [expect.any(Number)] });

    let secret = "";
    await served.inWindow(
      async (page) => {
        await page.goto(here(link));
        await page.getByText(`choose a password for ${SALES}`).waitFor();
        await picture(page, "welcome-phone");
        await page.getByLabel("Password", { exact: true }).fill("password1");
        await page.getByRole("button", { name: "Set password and sign in" }).click();
        await page
          .getByRole("alert")
          .getByText(/one of the commonest/)
          .waitFor();
        await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
        await page.getByRole("button", { name: "Set password and sign in" }).click();
        await page.locator(".connection-status.live").waitFor();
        expect(page.url()).toBe(`${served.origin}/#/`);
        await expect.poll(() => page.getByRole("link", { name: "Administration" }).count()).toBe(0);

        await page.getByRole("link", { name: "Account" }).click();
        await page.getByRole("button", { name: "Set up" }).click();
        secret = (await page.locator(".key").innerText()).replaceAll(" ", "");
        await fitsTheWidth(page);
        await picture(page, "second-factor-phone");
        await page.getByLabel("Code", { exact: true }).fill("000000");
        await page.getByRole("button", { name: "Turn on" }).click();
        await page
          .getByRole("alert")
          .getByText(/this code is wrong/)
          .waitFor();
        await page.getByLabel("Code", { exact: true }).fill(await codeOfStepBefore(secret, 15_000));
        await page.getByRole("button", { name: "Turn on" }).click();
        await page.getByRole("list", { name: "Recovery codes" }).waitFor();
        await expect
          .poll(() => page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").count())
          .toBe(10);
        await fitsTheWidth(page);
        await picture(page, "recovery-codes-phone");
        await page.getByRole("button", { name: "Sign out" }).first().click();

        await page.getByLabel("E-mail").fill(SALES);
        await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByLabel("Code").waitFor();
        await expect.poll(() => page.getByRole("alert").count()).toBe(0);
        await picture(page, "code-phone");
        await page.getByLabel("Code").fill(codeOf(secret));
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("heading", { name: "Your account" }).waitFor();
        await page.getByText("On: signing in needs your password and a code").waitFor();
        await page.goto(`${served.origin}/#/`);
        await page.locator(".connection-status.live").waitFor();
        await page.getByText("Brake disc 280 mm").first().waitFor();
        const shown = await page.locator("body").innerText();
        for (const place of ["Ingolstadt", "Augsburg", "Munich", "Landshut", "Rosenheim"])
          expect(shown).not.toContain(place);
        const places = await page.evaluate<{ name: string }[]>("fetch('/locations').then((answer) => answer.json())");
        expect(places.map(({ name }) => name)).toEqual(["Garching Warehouse"]);
        const stock = await page.evaluate<{ location_id: number }[]>("fetch('/inventory-items').then((a) => a.json())");
        expect(stock.length).toBe(5);
        const found = await page.evaluate<object[]>("fetch('/search?q=ingolstadt').then((answer) => answer.json())");
        expect(found).toEqual([]);
        await picture(page, "only-garching-phone");
      },
      { ...PHONE, expectedFailure: /40[01] \(/ },
    );
    expect(await userOf(SALES)).toMatchObject({ state: "active", second_factor: true });
  });

  it("somebody who has forgotten the password asks for a link, and an administrator makes one", async () => {
    await addPerson(served.api, "olga@waystock.test", "operator");
    await served.inWindow(async (page) => {
      await page.getByRole("button", { name: "Password forgotten?" }).click();
      await page.getByLabel("E-mail").fill("olga@waystock.test");
      await picture(page, "forgotten");
      await page.getByRole("button", { name: "Ask for a link" }).click();
      await page.getByRole("heading", { name: "Asked" }).waitFor();
    });
    let link = "";
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/users`);
      const row = page.getByRole("listitem").filter({ hasText: "olga@waystock.test" });
      await row.getByText("asked for a reset").click();
      await row.getByRole("button", { name: "Reset link" }).click();
      link = await row.getByLabel("Link", { exact: true }).inputValue();
      await row.getByText("asked for a reset").waitFor({ state: "detached" });
      await picture(page, "reset");
    });
    await served.inWindow(
      async (page) => {
        await page.goto(here(link));
        await page.getByRole("heading", { name: "New password" }).waitFor();
        await page.getByLabel("Password", { exact: true }).fill("another long password");
        await page.getByRole("button", { name: "Set password and sign in" }).click();
        await page.locator(".connection-status.live").waitFor();
      },
      { expectedFailure: /400 \(/ },
    );
  });

  it("an administrator changes what a user may do, signs the user out everywhere, removes a second factor and deactivates", async () => {
    const id = await addPerson(served.api, "max@waystock.test");
    const { pool } = served.api.db;
    await pool.query("INSERT INTO second_factors (user_id, secret, confirmed_at) VALUES ($1, '\\x00', now())", [id]);
    await pool.query(
      "INSERT INTO sessions (user_id, refresh_sha256, expires_at) VALUES ($1, '\\x00', now() + interval '1 h')",
      [id],
    );
    const shown = async () => (await data.call(`GET /users/${id}`)).body;
    await served.signedIn(async (page) => {
      await page.goto(`${served.origin}/#/administration/users`);
      const row = page.getByRole("listitem").filter({ hasText: "max@waystock.test" });
      await row.locator("summary").click();
      await row.getByLabel("Role").selectOption("manager");
      await row.getByRole("button", { name: "Save" }).click();
      await expect.poll(async () => (await shown())["role"]).toBe("manager");
      await fitsTheWidth(page);
      await picture(page, "user-phone");
      for (const name of ["Sign out everywhere", "Remove second factor", "Deactivate"]) {
        await row.getByRole("button", { name }).click();
        await row.getByRole("group", { name }).getByRole("button", { name: "Yes" }).click();
        await row
          .getByRole("button", { name })
          .waitFor({ state: name === "Sign out everywhere" ? "visible" : "detached" });
      }
      await row.getByRole("button", { name: "Activate" }).waitFor();
      // Nobody locks oneself out.
      const own = page.getByRole("listitem").filter({ hasText: EMAIL });
      await own.locator("summary").click();
      await own.getByRole("button", { name: "Reset link" }).waitFor();
      await expect.poll(() => own.getByRole("button", { name: "Deactivate" }).count()).toBe(0);
    }, PHONE);
    expect(await shown()).toMatchObject({ role: "manager", state: "inactive", second_factor: false });
    const { rows } = await pool.query("SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", [id]);
    expect(rows).toEqual([]);
  });

  it("people change their password and end a session of their own", async () => {
    const email = "paula@waystock.test";
    await addPerson(served.api, email);
    const login = (password: string) =>
      served.api.app.request("/auth/login", {
        method: "POST",
        headers: { "Content-Type": "application/json", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0" },
        body: JSON.stringify({ email, password }),
      });
    await served.inWindow(
      async (page) => {
        await page.getByLabel("E-mail").fill(email);
        await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("link", { name: email }).click();
        expect((await login(PASSWORD)).status).toBe(200);
        await page.reload();
        const other = page.getByRole("listitem").filter({ hasText: "Firefox on Linux" });
        await other.getByRole("button", { name: "End" }).click();
        await other.waitFor({ state: "detached" });
        await picture(page, "account");
        const form = page.getByRole("form", { name: "Change your password" });
        await form.getByLabel("Current password").fill("not this one");
        await form.getByLabel("New password").fill("another long password");
        await form.getByRole("button").click();
        await form.getByRole("alert").getByText("this is not your password").waitFor();
        await form.getByLabel("Current password").fill(PASSWORD);
        await form.getByRole("button").click();
        await form.getByText("Your password is changed.").waitFor();
        await page.getByRole("button", { name: "Sign out everywhere" }).click();
        await page.getByRole("button", { name: "Yes" }).click();
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
      },
      { expectedFailure: /400 \(/ },
    );
    expect((await login("another long password")).status).toBe(200);
  });

  it("a page whose session was ended elsewhere asks to sign in again", async () => {
    await served.signedIn(
      async (page) => {
        await page.goto(`${served.origin}/#/administration/users`);
        const own = page.getByRole("listitem").filter({ hasText: EMAIL });
        await own.locator("summary").click();
        const ended = await data.call(`DELETE /users/${(await userOf(EMAIL))["id"] as number}/sessions`);
        expect(ended.status).toBe(204);
        await own.getByRole("button", { name: "Save" }).click();
        await page.getByRole("alert").getByText("Your session has ended").waitFor();
        await page.getByRole("button", { name: "Sign in" }).waitFor();
      },
      { expectedFailure: /401 \(/ },
    );
  });
});

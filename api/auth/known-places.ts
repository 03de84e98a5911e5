import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Pool, PoolClient } from "pg";
import type { ApiEnv } from "../deps.ts";
import { newSecret, sha256 } from "./secrets.ts";

/** Marks a browser that somebody has signed in with. It opens nothing: it only tells that browser from a stranger's. */
const BROWSER_COOKIE = "waystock_browser";
const BROWSER_SECONDS = 400 * 86_400;

/** A user is known from this many places, those used last, for this long. */
const MAX_PLACES = 20;
const KEPT_DAYS = 90;

/** The places a request comes from: its browser, if it has been marked, and its address. The first is the more certain. */
export function placesOf(c: Context<ApiEnv>, address: string | undefined): string[] {
  const browser = getCookie(c, BROWSER_COOKIE);
  return [
    ...(browser !== undefined && /^[\w-]{43}$/.test(browser) ? [browserPlace(browser)] : []),
    ...(address === undefined ? [] : [`address ${address}`]),
  ];
}

const browserPlace = (cookie: string): string => `browser ${sha256(cookie).toString("base64url")}`;

/** Marks the browser of a request, unless it is marked already. @returns the places that its user is known from now on */
export function markBrowser(c: Context<ApiEnv>, address: string | undefined, secure: boolean): string[] {
  const places = placesOf(c, address);
  if (places[0]?.startsWith("browser ") === true) return places;
  const cookie = newSecret();
  setCookie(c, BROWSER_COOKIE, cookie, {
    httpOnly: true,
    secure,
    sameSite: "Strict",
    path: "/auth",
    maxAge: BROWSER_SECONDS,
  });
  return [browserPlace(cookie), ...places];
}

/** The first of `places` that the account with this address has signed in from. */
export async function findKnownPlace(db: Pool, email: string, places: readonly string[]): Promise<string | undefined> {
  const { rows } = await db.query<{ place: string }>({
    name: "api_known_place",
    text: `SELECT k.place FROM known_places k JOIN users u ON u.id = k.user_id
      WHERE lower(u.email) = lower($1) AND k.place = ANY ($2) AND k.last_used_at > now() - make_interval(days => ${KEPT_DAYS})
      ORDER BY array_position($2, k.place) LIMIT 1`,
    values: [email, places],
  });
  return rows[0]?.place;
}

/** Remembers where a user has signed in from, and forgets the places used longest ago. */
export async function addKnownPlaces(client: PoolClient, userId: number, places: readonly string[]): Promise<void> {
  await client.query(
    `INSERT INTO known_places (user_id, place) SELECT $1, unnest($2::text[])
     ON CONFLICT (user_id, place) DO UPDATE SET last_used_at = now()`,
    [userId, places],
  );
  await client.query(
    `DELETE FROM known_places WHERE user_id = $1 AND place NOT IN
       (SELECT place FROM known_places WHERE user_id = $1 AND last_used_at > now() - make_interval(days => ${KEPT_DAYS})
        ORDER BY last_used_at DESC LIMIT ${MAX_PLACES})`,
    [userId],
  );
}

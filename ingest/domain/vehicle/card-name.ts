const SHOWN = 4;
const PREFIX = "card …";

/**
 * What a card or iButton that belongs to no driver is called: its end, at most a third of it. Whoever knows the whole number can print one,
 * and sign on with it once it is a driver's. What is such a name already stays as it is. The same as the function `card_name` in Postgres.
 */
export function cardName(token: string): string {
  if (token.startsWith(PREFIX)) return token;
  const characters = Array.from(token);
  const shown = Math.min(SHOWN, Math.floor(characters.length / 3));
  return PREFIX + characters.slice(characters.length - shown).join("");
}

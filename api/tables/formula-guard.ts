/**
 * A spreadsheet runs a cell that begins with one of these as a formula (OWASP, CSV injection); apostrophes before it are those of
 * earlier guards.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
/** A cell that takes its field's value away, as databases write NULL in text. A text that reads so is marked like a formula. */
export const CLEARED = "\\N";
const isMarked = (text: string): boolean => FORMULA.test(text) || text.replace(/^'+/, "").trim() === CLEARED;
/** A number is harmless, and stays one. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;

/** What may be run as a formula gets an apostrophe, which spreadsheets read as "this is text". */
export const guardFormula = (text: string): string => (isMarked(text) && !NUMBER.test(text) ? `'${text}` : text);

/** Takes the apostrophe of `guardFormula` off again. */
export const unguardFormula = (text: string): string =>
  text.startsWith("'") && isMarked(text.slice(1)) ? text.slice(1) : text;

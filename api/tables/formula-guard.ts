/**
 * A spreadsheet runs a cell that begins with one of these as a formula (OWASP, CSV injection); apostrophes before it are those of
 * earlier guards.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
/** A number is harmless, and stays one. */
const NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;

/** What may be run as a formula gets an apostrophe, which spreadsheets read as "this is text". */
export const guardFormula = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text);

/** Takes the apostrophe of `guardFormula` off again. */
export const unguardFormula = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;

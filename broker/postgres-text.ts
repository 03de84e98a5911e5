/** Control characters and lone surrogates: Postgres takes no text, and no JSON, with U+0000 or half a character. */
const UNFIT = /[\p{Cc}\p{Cs}]/gu;

export const isPostgresText = (text: string): boolean => text.search(UNFIT) < 0;

/** The same text, each such character replaced. */
export const toPostgresText = (text: string): string => text.replace(UNFIT, "\ufffd");

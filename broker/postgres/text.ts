/** Control characters and lone surrogates. Postgres accepts no text or JSON with U+0000 or a lone surrogate. */
const NOT_STORABLE = /[\p{Cc}\p{Cs}]/gu;

export const isPostgresText = (text: string): boolean => text.search(NOT_STORABLE) < 0;

/** Replaces each character that is not allowed by U+FFFD. */
export const toPostgresText = (text: string): string => text.replace(NOT_STORABLE, "\ufffd");

/** A value of a JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as a list: a single one is a list of one, none is empty. */
export const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];

/** The texts of a list; what is no text is left out. */
export const textsOf = (value: Json | undefined): string[] =>
  listOf(value).filter((each): each is string => typeof each === "string");

export const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

/** An example of a request. Values of the path are put into it where the document shows it. */
export interface RequestExample {
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number | boolean>>;
  body?: unknown;
}

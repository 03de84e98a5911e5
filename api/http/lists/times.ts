import { z } from "zod";

/** SQL: a time as the cursor of a list holds it, to the microsecond, as Postgres keeps it: within a millisecond rows are told apart. */
export const microsecondsOf = (time: string): string =>
  `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The same in a cursor. */
export const microseconds = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

/** SQL: the epoch milliseconds of a time, as float8. */
export function msOfTime(time: string): string {
  return `round(extract(epoch FROM ${time}) * 1000)::float8`;
}

/** SQL: the time of epoch milliseconds. */
export function timeOfMs(milliseconds: string): string {
  return `to_timestamp(${milliseconds}::float8 / 1000)`;
}

/** SQL: a time in JSON, ISO 8601 UTC with milliseconds, as responses have it. */
export const isoTime = (time: string): string => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

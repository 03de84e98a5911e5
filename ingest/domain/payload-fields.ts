/**
 * What a value of a decoded payload is: `{kind}.{field}`, or `ts` for its time of measurement. null: it is no part of a
 * reading, and is not counted as ignored. With a scale or an offset it is `value × scale + offset`.
 */
export type PayloadTarget = string | null | { field: string; scale?: number | undefined; offset?: number | undefined };

/** By the path of the value in the payload, such as `batV` or `gps.lat`. Kept per device profile. */
export type PayloadFields = Readonly<Record<string, PayloadTarget>>;

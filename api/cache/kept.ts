import type { ApiResponse } from "../http/response.ts";

/** A cached response shows rows of one topic of the channel `changes`, as principals without limits see them. */
export type CachedTopic = "shipments" | "stock";

/** A request names one resource by its id, or a list by its URL. */
export interface CacheKey {
  topic: CachedTopic;
  id?: number | undefined;
  url: string;
}

/** A response that is kept, and what it was asked for by. */
export interface Kept {
  key: CacheKey;
  response: ApiResponse;
}

import type { Found, Side } from "./limited-world.ts";

type Body = Record<string, unknown>;
export type Ids = Record<string, string | number>;

/** How an operation is tried under limits. */
export type Trial =
  /** about the whole installation: 404 */
  | { kind: "hidden"; ids?: Ids }
  /** about nothing that has a place or an owner; `why` */
  | { kind: "common"; why: string }
  /** a list of what may be seen; `key`: what its rows are told by */
  | { kind: "list"; key: (side: Side) => unknown }
  /** a search; what it finds of a side is told by ids */
  | { kind: "search"; finds: (side: Side) => Found[] }
  /** one resource and what hangs on it: by ids in the path */
  | {
      kind: "one";
      ids: (side: Side) => Ids;
      /** names nothing: the answer for what is foreign must be the same */
      unknown: Ids;
      /** of the same side as the ids */
      body?: (own: Side) => Body;
      /** bodies that refer to something of a side; each must be refused for `foreign` as for ids that do not exist */
      refers?: readonly ((side: Side) => Body)[];
      /** after the others: it removes what they need */
      last?: true;
    }
  /** something new, with ids in its body */
  | { kind: "new"; body: (own: Side) => Body; refers: readonly ((side: Side) => Body)[] };

export const UNKNOWN = 987_654;
export const hidden = (ids: Ids = { id: UNKNOWN }): Trial => ({ kind: "hidden", ids });
export const common = (why: string): Trial => ({ kind: "common", why });

import { mayManage, type Person } from "../../../state/roles.ts";
import { EventSearch } from "./event-search.tsx";
import { NamedQueries } from "./named-queries.tsx";

/** What the EPCIS repository knows: a search of events, and queries that partners read or are told of. */
export function EpcisQueries({ person }: { person: Person }) {
  return (
    <>
      <EventSearch />
      {mayManage(person) && <NamedQueries />}
    </>
  );
}

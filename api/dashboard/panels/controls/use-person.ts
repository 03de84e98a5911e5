import type { Person } from "../../state/roles.ts";
import { session } from "../../state/session.ts";
import { useStore } from "../../state/store.ts";

/** Whether the signed-in person may do something. */
export function useMay(may: (person: Person) => boolean): boolean {
  const now = useStore(session);
  return now.at === "signed-in" && may(now.person);
}

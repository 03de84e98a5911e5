import { useEffect } from "preact/hooks";
import { Desk } from "./panels/main-screen.tsx";
import { Door } from "./panels/sign-in.tsx";
import { session, startSession } from "./state/session.ts";
import { useStore } from "./state/store.ts";

/** Who is there decides what is shown: the sign-in, the first administrator's form, or the desk. */
export function App() {
  const now = useStore(session);
  useEffect(() => {
    void startSession();
    // A one-time link pasted into an open page changes the address only.
    const followLink = () => void (location.hash.startsWith("#/setup/") && startSession());
    addEventListener("hashchange", followLink);
    return () => removeEventListener("hashchange", followLink);
  }, []);
  if (now.at === "desk") return <Desk person={now.person} />;
  return <Door session={now} />;
}

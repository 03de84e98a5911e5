import { useEffect } from "preact/hooks";
import { MainScreen } from "./panels/main-screen.tsx";
import { SignIn } from "./panels/sign-in.tsx";
import { session, startSession } from "./state/session.ts";
import { useStore } from "./state/store.ts";

/** Shows the main screen to a signed-in person, else the sign-in form or the form for the first administrator. */
export function App() {
  const now = useStore(session);
  useEffect(() => {
    void startSession();
    // Pasting a one-time link into an open page changes only the hash: the page does not reload.
    const followLink = () => void (location.hash.startsWith("#/setup/") && startSession());
    addEventListener("hashchange", followLink);
    return () => removeEventListener("hashchange", followLink);
  }, []);
  if (now.at === "signed-in") return <MainScreen person={now.person} />;
  return <SignIn session={now} />;
}

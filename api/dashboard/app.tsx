import { useEffect } from "preact/hooks";
import { Account } from "./account/account.tsx";
import { AdministrationLater } from "./administration-later.tsx";
import { AnalyticsLater } from "./analytics-later.tsx";
import { IntegrationsLater } from "./integrations-later.tsx";
import { PutAwayPage } from "./panels/put-away/put-away-page.tsx";
import { MainScreen } from "./panels/main-screen.tsx";
import { SignIn } from "./sign-in/sign-in.tsx";
import { followPages, page } from "./state/page.ts";
import { isLink, renewSessionHourly, session, startSession } from "./state/session.ts";
import type { Person } from "./state/roles.ts";
import { useStore } from "./state/store.ts";

/** Shows a signed-in person's page, else the sign-in form or that of a one-time link. */
export function App() {
  const now = useStore(session);
  useEffect(() => {
    void startSession();
    // Pasting a one-time link into an open page changes only the hash: the page does not reload.
    const followLink = () => void (isLink(location.hash) && startSession());
    addEventListener("hashchange", followLink);
    return () => removeEventListener("hashchange", followLink);
  }, []);
  if (now.at === "signed-in") return <SignedIn person={now.person} />;
  return <SignIn session={now} />;
}

function SignedIn({ person }: { person: Person }) {
  const now = useStore(page);
  useEffect(() => {
    const ends = [followPages(), renewSessionHourly()];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  if (now.at === "account") return <Account person={person} />;
  if (now.at === "put-away") return <PutAwayPage person={person} from={now.from} />;
  if (now.at === "analytics") return <AnalyticsLater person={person} page={now.page} />;
  if (now.at === "integrations") return <IntegrationsLater person={person} page={now.page} />;
  if (now.at === "administration") return <AdministrationLater person={person} page={now.page} />;
  return <MainScreen person={person} />;
}

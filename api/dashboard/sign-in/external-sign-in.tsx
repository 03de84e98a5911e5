import { useLoad } from "../panels/controls/use-load.ts";
import { get } from "../state/client.ts";

/** The way to the identity provider of the organisation; nothing where there is none. */
export function ExternalSignIn() {
  const loaded = useLoad("methods", 0, (signal) => get("/auth/methods", signal));
  // A server that cannot be asked has no button: the form beside it says what is wrong.
  if (loaded === undefined || loaded.problem !== null || !loaded.value.oidc) return null;
  return (
    <a class="button" href="/auth/oidc/start">
      Sign in with your organisation
    </a>
  );
}

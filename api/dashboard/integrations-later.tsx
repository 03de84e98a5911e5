import { PageLater } from "./page-later.tsx";
import type { Integrations } from "./panels/integrations/integrations.tsx";

type Props = Parameters<typeof Integrations>[0];

/** The pages of Integrations are a script of their own, because most people never open them. */
export function IntegrationsLater(props: Props) {
  const load = async () => (await import("./panels/integrations/integrations.tsx")).Integrations;
  return <PageLater name="Integrations" load={load} props={props} />;
}

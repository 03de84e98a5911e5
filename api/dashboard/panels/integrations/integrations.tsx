import { Frame } from "../../administration/frame.tsx";
import { INTEGRATION_PAGES, type IntegrationPage } from "../../state/page.ts";
import { mayAdminister, mayAudit, mayCapture, mayManageAll, type Person } from "../../state/roles.ts";
import { Assistants } from "./assistants/assistants.tsx";
import { Captures } from "./epcis/captures.tsx";
import { Unmatched } from "./epcis/unmatched.tsx";
import { Erp } from "./erp/erp.tsx";
import { EventLog } from "./event-log/event-log.tsx";
import { EpcisQueries } from "./epcis-queries/epcis-queries.tsx";
import { Webhooks } from "./webhooks/webhooks.tsx";

interface Part {
  label: string;
  isFor: (person: Person) => boolean;
  Content: (props: { person: Person }) => preact.JSX.Element;
}

/** A page of Integrations: its name, who may open it, and what it shows. Each has a folder of its own. */
const PAGES: Record<IntegrationPage, Part> = {
  webhooks: { label: "Webhooks", isFor: mayAdminister, Content: Webhooks },
  epcis: { label: "EPCIS", isFor: (person) => mayCapture(person) || mayAudit(person), Content: Captures },
  "epcis-unmatched": { label: "Captured, not matched", isFor: mayManageAll, Content: Unmatched },
  erp: { label: "ERP", isFor: mayAdminister, Content: Erp },
  assistants: { label: "Assistants", isFor: mayAudit, Content: Assistants },
  "event-log": { label: "Log of events", isFor: mayAudit, Content: EventLog },
  "epcis-queries": { label: "EPCIS queries", isFor: mayAudit, Content: EpcisQueries },
};

/** How the platform is connected with other systems. A page is shown to those who may use it. */
export function Integrations({ person, page }: { person: Person; page: IntegrationPage | undefined }) {
  const own = INTEGRATION_PAGES.filter((name) => PAGES[name].isFor(person));
  const current = page ?? own[0];
  const pages = own.map((name) => ({
    href: `#/integrations/${name}`,
    label: PAGES[name].label,
    current: name === current,
  }));
  const part = current === undefined ? undefined : PAGES[current];
  return (
    <Frame person={person} title="Integrations" isWide pages={pages}>
      {part?.isFor(person) ? (
        <part.Content person={person} />
      ) : (
        <p class="empty">A {person.role} may not open this page.</p>
      )}
    </Frame>
  );
}

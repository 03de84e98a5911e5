import { ADMINISTRATION_PAGES, type AdministrationPage } from "../state/page.ts";
import { mayAdminister, mayManage, mayManageAll, type Person } from "../state/roles.ts";
import { AlertRules } from "./alert-rules/alert-rules.tsx";
import { ApiClients } from "./api-clients/api-clients.tsx";
import { CustomFields } from "./custom-fields/custom-fields.tsx";
import { Decoding } from "./decoding/decoding.tsx";
import { DeviceProfiles } from "./devices/device-profiles.tsx";
import { DevicesPage } from "./devices/devices-page.tsx";
import { Frame } from "./frame.tsx";
import { Imports } from "./imports/imports.tsx";
import { Drivers } from "./master-data/drivers.tsx";
import { Items } from "./master-data/items.tsx";
import { Locations } from "./master-data/locations.tsx";
import { Parties } from "./master-data/parties.tsx";
import { Vehicles } from "./master-data/vehicles.tsx";
import { NotificationRules } from "./notification-rules/notification-rules.tsx";
import { Quarantine } from "./quarantine/quarantine.tsx";
import { ServiceAccounts } from "./service-accounts/service-accounts.tsx";
import { Users } from "./users/users.tsx";

/** A page of Administration: its name, who may open it, and what it shows. */
const PAGES: Record<
  AdministrationPage,
  { label: string; isFor: (person: Person) => boolean; Content: (props: { person: Person }) => preact.JSX.Element }
> = {
  devices: { label: "Devices", isFor: mayManage, Content: DevicesPage },
  "device-profiles": { label: "Registration", isFor: mayManageAll, Content: DeviceProfiles },
  quarantine: { label: "Quarantine", isFor: mayManage, Content: Quarantine },
  locations: { label: "Locations", isFor: mayManage, Content: Locations },
  items: { label: "Products", isFor: mayManage, Content: Items },
  vehicles: { label: "Vehicles", isFor: mayManage, Content: Vehicles },
  drivers: { label: "Drivers", isFor: mayManage, Content: Drivers },
  parties: { label: "Parties", isFor: mayManage, Content: Parties },
  "custom-fields": { label: "Fields", isFor: mayAdminister, Content: CustomFields },
  "alert-rules": { label: "Alert rules", isFor: mayManageAll, Content: AlertRules },
  "notification-rules": { label: "Notifications", isFor: mayManageAll, Content: NotificationRules },
  decoding: { label: "Decoding", isFor: mayManage, Content: Decoding },
  imports: { label: "Imports", isFor: mayManageAll, Content: Imports },
  users: { label: "Users", isFor: mayAdminister, Content: Users },
  "api-clients": { label: "API clients", isFor: mayAdminister, Content: ApiClients },
  "service-accounts": { label: "MQTT accounts", isFor: mayAdminister, Content: ServiceAccounts },
};

/** What managers and administrators look after. A page is shown to those who may use it. */
export function Administration({ person, page }: { person: Person; page: AdministrationPage }) {
  const { isFor, Content } = PAGES[page];
  const pages = ADMINISTRATION_PAGES.filter((name) => PAGES[name].isFor(person)).map((name) => ({
    href: `#/administration/${name}`,
    label: PAGES[name].label,
    current: name === page,
  }));
  return (
    <Frame person={person} title="Administration" pages={pages}>
      {isFor(person) ? <Content person={person} /> : <p class="empty">A {person.role} may not open this page.</p>}
    </Frame>
  );
}

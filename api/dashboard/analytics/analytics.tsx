import type { FunctionComponent } from "preact";
import { Frame } from "../administration/frame.tsx";
import { ANALYTICS_PAGES, type AnalyticsPage } from "../state/page.ts";
import { mayManageAll, type Person } from "../state/roles.ts";
import { Bottlenecks } from "./bottlenecks.tsx";
import { Dwell } from "./dwell.tsx";
import { Goods } from "./goods.tsx";
import { OnTime } from "./on-time.tsx";
import { ReportMail } from "./report-mail.tsx";
import { Space } from "./space.tsx";
import { Throughput } from "./throughput.tsx";
import { Turns } from "./turns.tsx";
import { VehicleUse } from "./vehicle-use.tsx";

const PAGES: Record<AnalyticsPage, { label: string; Content: FunctionComponent }> = {
  bottlenecks: { label: "Bottlenecks", Content: Bottlenecks },
  dwell: { label: "Dwell", Content: Dwell },
  space: { label: "Space", Content: Space },
  "on-time": { label: "On time", Content: OnTime },
  throughput: { label: "Throughput", Content: Throughput },
  turns: { label: "Turns", Content: Turns },
  goods: { label: "Goods by stage", Content: Goods },
  vehicles: { label: "Vehicles", Content: VehicleUse },
  mail: { label: "By mail", Content: ReportMail },
};

/** What the whole looks like: one question on each page. */
export function Analytics({ person, page }: { person: Person; page: AnalyticsPage }) {
  const { Content } = PAGES[page];
  const isFor = (name: AnalyticsPage) => name !== "mail" || mayManageAll(person);
  const pages = ANALYTICS_PAGES.filter(isFor).map((name) => ({
    href: `#/analytics/${name}`,
    label: PAGES[name].label,
    current: name === page,
  }));
  return (
    <Frame person={person} title="Analytics" isWide pages={pages}>
      {isFor(page) ? <Content /> : <p class="empty">A {person.role} may not open this page.</p>}
    </Frame>
  );
}

import type { Analytics } from "./analytics/analytics.tsx";
import { PageLater } from "./page-later.tsx";

type Props = Parameters<typeof Analytics>[0];

/** The pages of Analytics are a script of their own: the live page does not wait for them. */
export function AnalyticsLater(props: Props) {
  const load = async () => (await import("./analytics/analytics.tsx")).Analytics;
  return <PageLater name="Analytics" load={load} props={props} />;
}

import type { Administration } from "./administration/administration.tsx";
import { PageLater } from "./page-later.tsx";

type Props = Parameters<typeof Administration>[0];

/** The pages of Administration are a script of their own, because most people never open them. */
export function AdministrationLater(props: Props) {
  const load = async () => (await import("./administration/administration.tsx")).Administration;
  return <PageLater name="Administration" load={load} props={props} />;
}

interface ExportLinkProps {
  /** of the API, with the filters of the list */
  href: `/exports/${string}`;
  /** what is exported, where a list has several files */
  label?: string;
}

/** Saves a list as CSV, all of it: also what the page does not load. */
export const ExportLink = ({ href, label = "Export" }: ExportLinkProps) => (
  <a class="export" href={href} download>
    {label}
  </a>
);

/** The filters that are chosen, as a query of an export. */
export function exportQuery(filters: Readonly<Record<string, string | null | undefined>>): string {
  const given = Object.entries(filters).filter((each): each is [string, string] => !!each[1]);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Administration } from "./administration/administration.tsx";

type Props = Parameters<typeof Administration>[0];

/** The pages of Administration are a script of their own, because most people never open them. */
export function AdministrationLater(props: Props) {
  const [loaded, setLoaded] = useState<{ page?: FunctionComponent<Props>; hasFailed?: true }>({});
  useEffect(() => {
    let isLeft = false;
    import("./administration/administration.tsx").then(
      ({ Administration: page }) => !isLeft && setLoaded({ page }),
      () => !isLeft && setLoaded({ hasFailed: true }),
    );
    return () => {
      isLeft = true;
    };
  }, []);
  if (loaded.page !== undefined) return <loaded.page {...props} />;
  if (!loaded.hasFailed) return <p class="empty">Loading …</p>;
  // After an update the script has another name, which only a new page knows.
  return (
    <p class="problem">
      Administration could not be loaded.{" "}
      <button type="button" class="link" onClick={() => location.reload()}>
        Reload the page
      </button>
    </p>
  );
}

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

interface PageLaterProps<Props extends object> {
  /** the page, for people */
  name: string;
  load: () => Promise<FunctionComponent<Props>>;
  props: Props;
}

/** A page whose script is loaded when it is opened first. */
export function PageLater<Props extends object>({ name, load, props }: PageLaterProps<Props>) {
  const [loaded, setLoaded] = useState<{ page?: FunctionComponent<Props>; hasFailed?: true }>({});
  useEffect(() => {
    let isLeft = false;
    load().then(
      (page) => !isLeft && setLoaded({ page }),
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
      {name} could not be loaded.{" "}
      <button type="button" class="link" onClick={() => location.reload()}>
        Reload the page
      </button>
    </p>
  );
}

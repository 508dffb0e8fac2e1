import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

/**
 * A component whose code comes when it is first shown, so that the first picture does not wait for
 * it. When it cannot be loaded that is said. Browsers remember a module that failed: only a reload
 * of the page tries again, and the address keeps what was seen.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => VNode | null {
  let Loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [failed, setFailed] = useState(false);
    const [, show] = useState(false);
    useEffect(() => {
      if (Loaded) return;
      let here = true;
      load().then(
        (component) => {
          Loaded = component;
          if (here) show(true);
        },
        () => here && setFailed(true),
      );
      return () => {
        here = false;
      };
    }, []);
    if (Loaded) return <Loaded {...props} />;
    if (!failed) return null;
    return (
      <div class="failure" role="alert">
        <strong>A part of the page could not be loaded</strong>
        <span>The service does not answer, or it was replaced by another version.</span>
        <button type="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </div>
    );
  };
}

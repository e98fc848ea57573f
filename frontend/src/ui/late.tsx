import { type ComponentType, useEffect, useState } from "react";

const TRIES_AGAIN = 12;
const AGAIN_MS = 5_000;

/** Loads, and for a minute tries again what could not be loaded, as long as somebody waits for it. */
export async function insistOn<T>(load: () => Promise<T>, waits = (): boolean => true): Promise<T> {
  for (let left = TRIES_AGAIN; ; left--) {
    try {
      return await load();
    } catch (error) {
      if (left === 0 || !waits()) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (!waits()) throw error;
    }
  }
}

/** What is loaded when it is first shown. React’s `lazy` shows it no sooner than 300 ms after what stood in its place. */
export function late<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Meanwhile?: ComponentType<P>,
  /** Of a whole screen one hears at once that it does not come; what lies over one, or beside it, is not given up so soon. */
  patient = !Meanwhile,
) {
  let loaded: ComponentType<P> | undefined;
  const preload = async (): Promise<ComponentType<P>> => (loaded ??= await load());

  function Late(props: P) {
    const [Found, setFound] = useState(() => loaded);
    const [failure, setFailure] = useState<{ error: unknown }>();
    useEffect(() => {
      if (Found) return undefined;
      let shown = true;
      insistOn(preload, () => patient && shown).then(
        (found) => shown && setFound(() => found),
        (error: unknown) => shown && setFailure({ error }),
      );
      return () => {
        shown = false;
      };
    }, [Found]);
    // For the screen that says so.
    if (failure) throw failure.error;
    if (Found) return <Found {...props} />;
    return Meanwhile ? <Meanwhile {...props} /> : null;
  }
  return Object.assign(Late, { preload });
}

import { type ComponentType, useEffect, useState } from "react";

const TRIES_AGAIN = 12;
const AGAIN_MS = 5_000;

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
      let again: ReturnType<typeof setTimeout> | undefined;
      const attempt = (left: number): void =>
        void preload().then(
          (found) => setFound(() => found),
          (error: unknown) => {
            if (!patient || left === 0) setFailure({ error });
            else again = setTimeout(() => attempt(left - 1), AGAIN_MS);
          },
        );
      attempt(TRIES_AGAIN);
      return () => clearTimeout(again);
    }, [Found]);
    // For the screen that says so.
    if (failure) throw failure.error;
    if (Found) return <Found {...props} />;
    return Meanwhile ? <Meanwhile {...props} /> : null;
  }
  return Object.assign(Late, { preload });
}

import { type ComponentType, useEffect, useState } from "react";

/** What is loaded when it is first shown. React’s `lazy` shows it no sooner than 300 ms after what stood in its place. */
export function late<P extends object>(load: () => Promise<ComponentType<P>>, Meanwhile?: ComponentType) {
  let loaded: ComponentType<P> | undefined;
  const preload = async (): Promise<ComponentType<P>> => (loaded ??= await load());

  function Late(props: P) {
    const [Found, setFound] = useState(() => loaded);
    const [failure, setFailure] = useState<{ error: unknown }>();
    useEffect(() => {
      if (!Found)
        preload().then(
          (found) => setFound(() => found),
          (error: unknown) => setFailure({ error }),
        );
    }, [Found]);
    // For the screen that says so.
    if (failure) throw failure.error;
    if (Found) return <Found {...props} />;
    return Meanwhile ? <Meanwhile /> : null;
  }
  return Object.assign(Late, { preload });
}

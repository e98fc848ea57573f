/** When a visit has what it needs first. */
const SETTLED_MS = 3_000;

/** Does these one after the other, each when nothing else is to be done; one that fails is left to whoever needs it. */
export function whenSettled(tasks: (() => Promise<unknown>)[]): () => void {
  let stopped = false;
  const go = (left: (() => Promise<unknown>)[]): void =>
    idle(() => {
      const [task, ...others] = left;
      if (!task || stopped) return;
      void task()
        .catch(() => undefined)
        .then(() => go(others));
    });
  const timer = setTimeout(() => go(tasks), SETTLED_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

const idle = (run: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(run, { timeout: SETTLED_MS });
  else setTimeout(run);
};

import { type RefObject, useEffect } from "react";

/** Until then a dialog or a menu that closes has given the focus back. */
const RETURNED_MS = 300;

/** Takes the focus if nothing has it: what had it went away with the screen before, and the keyboard would begin at the top. */
export function useLostFocus(to: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      if (document.activeElement === document.body) to.current?.focus({ preventScroll: true });
    }, RETURNED_MS);
    return () => clearTimeout(timer);
  }, [to]);
}

import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { insistOn } from "./late";

export interface MenuEntry {
  name: string;
  icon?: ReactNode;
  /** What stands there instead of the name, which is then read out only. */
  sign?: ReactNode;
  danger?: boolean;
  run: () => void;
}

export interface MenuProps {
  /** What the button is called, where that is not what stands in it. */
  label?: string;
  button: ReactNode;
  className: string;
  form: "row" | "narrow" | "wide";
  side?: "top" | "bottom";
  align?: "start" | "end";
  /** What stands above the entries. */
  head?: ReactNode;
  entries: MenuEntry[];
  onOpen?: (open: boolean) => void;
}

type PopMenu = (typeof import("./pop-menu"))["PopMenu"];
let loaded: PopMenu | undefined;

/** Reads what a menu needs to open, which is more than the rest of a room's screen. */
export const preloadMenus = async (): Promise<PopMenu> => (loaded ??= (await import("./pop-menu")).PopMenu);

/** A button with a menu. Pressed before the menu is there, it opens it as soon as it comes. */
export function Menu(props: MenuProps) {
  const { label, button, className, onOpen } = props;
  const [Found, setFound] = useState(() => loaded);
  const trigger = useRef<HTMLButtonElement>(null);
  const pressed = useRef<Event>(undefined);
  const [waits, setWaits] = useState(false);

  const press = async (again: Event) => {
    if (pressed.current) return;
    pressed.current = again;
    setWaits(true);
    // Whoever draws the button only under the pointer must not take it away meanwhile.
    onOpen?.(true);
    try {
      const found = await insistOn(preloadMenus);
      setFound(() => found);
    } catch {
      pressed.current = undefined;
      onOpen?.(false);
    }
    setWaits(false);
  };

  // The button that can open it takes the place of the one that was pressed, and is pressed in the same way.
  useLayoutEffect(() => {
    if (Found && pressed.current) trigger.current?.focus({ preventScroll: true });
  }, [Found]);
  useEffect(() => {
    const again = pressed.current;
    pressed.current = undefined;
    if (Found && again) trigger.current?.dispatchEvent(again);
  }, [Found]);

  if (Found) return <Found {...props} trigger={trigger} />;
  const prepare = () => void preloadMenus().catch(() => undefined);
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-haspopup="menu"
      aria-expanded={false}
      aria-busy={waits}
      className={className}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={({ detail }) =>
        void press(new MouseEvent(detail > 0 ? "mousedown" : "click", { bubbles: true, cancelable: true, detail }))
      }
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        void press(new KeyboardEvent("keydown", { key: event.key, bubbles: true, cancelable: true }));
      }}
    >
      {button}
    </button>
  );
}

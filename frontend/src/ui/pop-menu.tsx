import { Menu as Base } from "@base-ui/react/menu";
import type { Ref } from "react";
import type { MenuProps } from "./menu";

const ITEM = "rounded-lg -outline-offset-2 data-highlighted:bg-sunken";
const LINE = `${ITEM} flex items-center gap-2.5 px-3 py-1.5 text-sm *:shrink-0 pointer-coarse:py-3`;
const SIGN = `${ITEM} p-1.5 text-xl leading-none`;
const WIDTHS = { row: "flex", narrow: "w-44", wide: "w-64" };

/** A button and its menu; `menu.tsx` is what stands there until this was loaded. */
export function PopMenu({
  label,
  button,
  className,
  form,
  side = "bottom",
  align = "end",
  head,
  entries,
  onOpen,
  trigger,
}: MenuProps & { trigger: Ref<HTMLButtonElement> }) {
  return (
    <Base.Root orientation={form === "row" ? "horizontal" : "vertical"} onOpenChange={onOpen}>
      <Base.Trigger ref={trigger} aria-label={label} title={label} className={className}>
        {button}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={4}>
          <Base.Popup
            className={`pop-in z-20 rounded-card border border-line bg-surface p-1.5 shadow-lg outline-none ${WIDTHS[form]}`}
          >
            {head && (
              <>
                <div className="px-3 pt-2 pb-2.5">{head}</div>
                <Base.Separator className="my-1 h-px bg-line" />
              </>
            )}
            {entries.map((entry) => (
              <Base.Item
                key={entry.name}
                aria-label={entry.sign ? entry.name : undefined}
                title={entry.sign ? entry.name : undefined}
                className={entry.sign ? SIGN : `${LINE} ${entry.danger ? "text-danger" : ""}`}
                onClick={entry.run}
              >
                {entry.sign ?? (
                  <>
                    {entry.icon} {entry.name}
                  </>
                )}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

import { Popover } from "@base-ui/react/popover";
import { type RefObject, useRef } from "react";
import { t } from "../../shared/i18n";
import { EmojiPicker } from "../../ui/emoji-picker";

interface Props {
  open: boolean;
  button: RefObject<HTMLButtonElement | null>;
  /** Where the focus goes afterwards. */
  back: RefObject<HTMLElement | null>;
  onClose: () => void;
  onPick: (emoji: string) => void;
}

const FINE = matchMedia("(pointer: fine)").matches;

/** The picker above the button that opens it. */
export function EmojiPopover({ open, button, back, onClose, onPick }: Props) {
  const [field, popup] = [useRef<HTMLInputElement>(null), useRef<HTMLDivElement>(null)];
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next, { event, reason }) => {
        // The button closes it by itself.
        if (reason === "outside-press" && button.current?.contains(event.target as Node)) return;
        if (!next) onClose();
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          anchor={button}
          side="top"
          align="end"
          sideOffset={12}
          collisionPadding={8}
          className="z-20"
        >
          <Popover.Popup
            ref={popup}
            // Where there may be no other keyboard, one on the screen would cover it.
            initialFocus={FINE ? field : popup}
            finalFocus={FINE ? back : button}
            aria-label={t("Emoji")}
            className="pop-in w-80 max-w-[calc(100vw-1rem)] rounded-card border border-line bg-surface p-2.5 shadow-lg outline-none"
          >
            <EmojiPicker columns={8} field={field} onPick={onPick} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

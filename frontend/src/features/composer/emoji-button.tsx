import { Smile } from "lucide-react";
import { type RefObject, useRef, useState } from "react";
import { t } from "../../shared/i18n";
import { late } from "../../ui/late";

/** Not read before somebody wants it. */
const EmojiPopover = late(async () => (await import("./emoji-popover")).EmojiPopover);

interface Props {
  field: RefObject<HTMLTextAreaElement | null>;
  onPick: (emoji: string) => void;
}

/** A button with all emoji behind it. */
export function EmojiButton({ field, onPick }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState<boolean>();
  const prepare = () => void EmojiPopover.preload().catch(() => undefined);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={t("Emoji")}
        title={t("Emoji")}
        aria-haspopup="dialog"
        aria-expanded={open ?? false}
        className="inline-flex size-9 shrink-0 pointer-coarse:size-11 items-center justify-center rounded-xl text-muted hover:bg-sunken hover:text-ink"
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => setOpen(!open)}
      >
        <Smile className="size-4" aria-hidden="true" />
      </button>
      {open !== undefined && (
        <EmojiPopover
          open={open}
          button={button}
          back={field}
          onClose={() => setOpen(false)}
          onPick={(emoji) => {
            setOpen(false);
            onPick(emoji);
          }}
        />
      )}
    </>
  );
}

import { useRef } from "react";
import type { TimelineItem } from "../../core/model";
import { t } from "../../shared/i18n";
import { Dialog } from "../../ui/dialog";
import { EmojiPicker } from "../../ui/emoji-picker";
import { react } from "./react";

/** Where there may be no other keyboard, one on the screen would cover half of it. */
const FINE = matchMedia("(pointer: fine)").matches;

/** Any emoji as a reaction. */
export function ReactDialog({ roomId, item, onClose }: { roomId: string; item: TimelineItem; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog open onClose={onClose} title={t("React")} {...(FINE ? { initialFocus: field } : {})}>
      <EmojiPicker
        columns={9}
        field={field}
        onPick={(emoji) => {
          onClose();
          react(roomId, item, emoji);
        }}
      />
    </Dialog>
  );
}

import type { TimelineItem } from "../../core/model";
import { namesOf } from "../../shared/format";
import { t } from "../../shared/i18n";
import { react } from "./react";

/** Who reacted how; a click joins in or takes back. */
export function Reactions({ roomId, item, canReact }: { roomId: string; item: TimelineItem; canReact: boolean }) {
  return (
    <ul aria-label={t("Reactions")} className="mt-1 flex flex-wrap gap-1">
      {item.reactions?.map(({ emoji, names, mine }) => (
        <li key={emoji}>
          <button
            type="button"
            disabled={!canReact}
            aria-pressed={mine}
            title={namesOf(names)}
            onClick={() => react(roomId, item, emoji)}
            className={`flex items-center gap-1 rounded-full border px-2 py-0.5 text-sm ${mine ? "border-accent bg-accent-soft" : "border-line bg-surface hover:bg-sunken"}`}
          >
            {emoji} <span className="text-xs font-medium">{names.length}</span>
            <span className="sr-only">{t("from {names}", { names: namesOf(names) })}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

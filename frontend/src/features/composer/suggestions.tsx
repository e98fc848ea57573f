import type { NamedEmoji } from "../../shared/emoji";
import { t } from "../../shared/i18n";
import { Avatar } from "../../ui/avatar";

const SHOWN_MAX = 6;

const LIST = "absolute bottom-full start-5 z-10 mb-1 w-64 rounded-card border border-line bg-surface p-1.5 shadow-lg";
const ENTRY =
  "flex w-full items-center gap-2.5 rounded-lg px-2 py-1.5 text-start text-sm hover:bg-sunken focus-visible:bg-sunken";

interface Props {
  word: string;
  members: string[];
  onPick: (name: string) => void;
}

/** Members whose name begins with what stands after the “@”. */
export function Suggestions({ word, members, onPick }: Props) {
  const fitting = members.filter((name) => name.startsWith(word.toLowerCase()) && name !== word).slice(0, SHOWN_MAX);
  if (fitting.length === 0) return null;
  return (
    <ul aria-label={t("People to mention")} className={LIST}>
      {fitting.map((name) => (
        <li key={name}>
          <button type="button" className={ENTRY} onClick={() => onPick(name)}>
            <Avatar name={name} /> <span className="truncate">{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Emoji whose name was begun after a “:”. */
export function EmojiSuggestions({ offered, onPick }: { offered: NamedEmoji[]; onPick: (emoji: string) => void }) {
  if (offered.length === 0) return null;
  return (
    <ul aria-label={t("Emoji")} className={LIST}>
      {offered.map(({ name, emoji }) => (
        <li key={name}>
          <button type="button" className={ENTRY} onClick={() => onPick(emoji)}>
            <span className="text-xl leading-none" aria-hidden="true">
              {emoji}
            </span>
            <span className="truncate">{name.replaceAll("_", " ")}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

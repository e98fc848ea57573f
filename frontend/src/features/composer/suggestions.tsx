import { t } from "../../shared/i18n";
import type { Suggestion } from "../../shared/suggestions";
import { Avatar } from "../../ui/avatar";

interface Props {
  id: string;
  offered: Suggestion[];
  /** The place of the one that the keyboard would take. */
  chosen: number;
  onPick: (suggestion: Suggestion) => void;
}

/** What a word may become; the focus stays where one writes, whose keys choose. */
export function Suggestions({ id, offered, chosen, onPick }: Props) {
  const people = offered[0]?.emoji === undefined;
  return (
    <div
      id={id}
      role="listbox"
      aria-label={people ? t("People to mention") : t("Emoji")}
      className="absolute start-5 bottom-full z-10 mb-1 w-64 rounded-card border border-line bg-surface p-1.5 shadow-lg"
    >
      {offered.map((suggestion, at) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are those of the field
        <div
          key={suggestion.name}
          id={optionId(id, at)}
          role="option"
          tabIndex={-1}
          aria-selected={at === chosen}
          // A press must not take the focus from the field.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(suggestion)}
          className={`flex cursor-pointer items-center gap-2.5 rounded-lg px-2 py-1.5 text-sm hover:bg-sunken pointer-coarse:py-2.5 ${at === chosen ? "bg-sunken" : ""}`}
        >
          {suggestion.emoji === undefined ? (
            <Avatar name={suggestion.name} />
          ) : (
            <span className="text-xl leading-none" aria-hidden="true">
              {suggestion.emoji}
            </span>
          )}
          <span className="truncate">{suggestion.name}</span>
        </div>
      ))}
    </div>
  );
}

export const optionId = (list: string, at: number): string => `${list}-${at}`;

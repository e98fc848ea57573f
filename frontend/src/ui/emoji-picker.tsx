import {
  EmojiPicker as Base,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListCategoryHeaderProps,
} from "frimousse";
import { type ComponentProps, type Ref, useState } from "react";
import { allEmoji, noteEmoji } from "../shared/all-emoji";
import { t } from "../shared/i18n";
import type { LanguageCode } from "../shared/i18n";
import { useLanguage } from "../shared/language";
import { insistOn } from "./late";

interface Props {
  columns: number;
  /** The search field: the arrow keys begin there. */
  field: Ref<HTMLInputElement>;
  onPick: (emoji: string) => void;
}

/** All emoji: found by a name, chosen with the arrow keys and Enter, or pressed. */
export function EmojiPicker({ columns, field, onPick }: Props) {
  const { code = "en" } = useLanguage();
  const [searching, setSearching] = useState(false);
  return (
    <Base.Root
      // Whoever searches wants the best first, and not the first group’s.
      locale={searching ? `${code}${FOUND}` : code}
      columns={columns}
      resolveEmojiData={resolve}
      className="flex flex-col gap-2"
      onEmojiSelect={({ emoji }) => {
        noteEmoji(emoji);
        onPick(emoji);
      }}
    >
      <Base.Search
        ref={field}
        aria-label={t("Search emoji")}
        placeholder={t("Search emoji")}
        onChange={(event) => setSearching(event.target.value.trim() !== "")}
        className="h-10 w-full rounded-xl border border-edge bg-surface px-3 placeholder:text-muted"
      />
      <Base.Viewport tabIndex={0} role="group" aria-label={t("Emoji")} className="thin-scroll h-64 rounded-lg">
        <Base.Loading className="absolute inset-0 flex items-center justify-center text-sm text-muted">
          {t("Loading …")}
        </Base.Loading>
        <Base.Empty className="absolute inset-0 flex items-center justify-center text-sm text-muted">
          {t("No emoji has such a name.")}
        </Base.Empty>
        <Base.List aria-label={t("Emoji")} className="select-none" components={PARTS} />
      </Base.Viewport>
      <p aria-hidden="true" className="flex h-6 items-center gap-2 truncate text-sm text-muted">
        <Base.ActiveEmoji>
          {({ emoji }) =>
            emoji && (
              <>
                <span className="text-lg leading-none">{emoji.emoji}</span>
                <span className="truncate">{emoji.label}</span>
              </>
            )
          }
        </Base.ActiveEmoji>
      </p>
    </Base.Root>
  );
}

const FOUND = "-found";

/** Only languages that there are come here. */
const resolve = (locale: string) => {
  const found = locale.endsWith(FOUND);
  const language = (found ? locale.slice(0, -FOUND.length) : locale) as LanguageCode;
  return insistOn(() => allEmoji(language, found));
};

const PARTS = { CategoryHeader, Row, Emoji };

function CategoryHeader({ category, ...rest }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...rest} className="bg-surface px-1 py-1.5 text-xs font-medium text-muted">
      {category.label}
    </div>
  );
}

/**
 * The library counts from 0, and ARIA from 1. It finds its rows by what it counted, so only the first one, which it does
 * not need for that, goes without; all later ones say one less than they are.
 */
function Row({ "aria-rowindex": index, ...rest }: ComponentProps<"div">) {
  return <div {...rest} {...(index ? { "aria-rowindex": index } : {})} />;
}

function Emoji({ emoji, "aria-colindex": index = 0, ...rest }: EmojiPickerListEmojiProps) {
  return (
    <button
      type="button"
      {...rest}
      role="gridcell"
      aria-colindex={index + 1}
      className="flex h-9 w-[calc(100%/var(--frimousse-list-columns))] items-center justify-center overflow-hidden rounded-lg text-xl leading-none data-active:bg-sunken pointer-coarse:h-11"
    >
      {emoji.emoji}
    </button>
  );
}

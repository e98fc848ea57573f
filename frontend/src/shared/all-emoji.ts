import type { EmojiData } from "frimousse";
import { isEmoji } from "../core/crypto/content";
import { namesOfEmoji } from "./emoji";
import type { LanguageCode } from "./i18n";
import { t } from "./i18n";
import { setPref, usePrefs } from "./prefs";

const RECENT_MAX = 16;
/** Groups beside those of Unicode. */
const RECENT = -1;
const FOUND = -2;

/** Each language is a chunk of its own, and is read when somebody opens a picker. */
const LOADERS = {
  en: () => import("virtual:emoji/en"),
  de: () => import("virtual:emoji/de"),
} satisfies Record<LanguageCode, unknown>;

/** All emoji with their names in a language; those that were used last stand first. In one group where something is searched for. */
export async function allEmoji(language: LanguageCode, searching = false): Promise<EmojiData> {
  const { groups, emojis } = (await LOADERS[language]()).default;
  const recent = recentEmoji();
  const placeOf = (emoji: string) => recent.indexOf(emoji);
  const all = emojis
    // Not keycaps: what cannot be a reaction is not offered anywhere.
    .filter(([emoji]) => isEmoji(emoji))
    .map(([emoji, label, group, others]) => ({
      emoji,
      label,
      category: recent.includes(emoji) ? RECENT : group,
      version: 0,
      tags: [...others.split("\t"), ...namesOfEmoji(emoji)],
    }));
  const used = all
    .filter(({ category }) => category === RECENT)
    .toSorted((a, b) => placeOf(a.emoji) - placeOf(b.emoji));
  const others = all.filter(({ category }) => category !== RECENT);
  const skinTones = { light: "", "medium-light": "", medium: "", "medium-dark": "", dark: "" };
  if (searching) {
    // Among those that fit as well as each other, a short name is the nearest.
    const sorted = [...used, ...others.toSorted((a, b) => a.label.length - b.label.length)];
    const emojis = sorted.map((emoji) => ({ ...emoji, category: FOUND }));
    return { locale: language, emojis, categories: [{ index: FOUND, label: t("Found") }], skinTones };
  }
  const categories = [
    { index: RECENT, label: t("Recently used") },
    ...groups.map(([index, label]) => ({ index, label })),
  ];
  return { locale: language, emojis: [...used, ...others], categories, skinTones };
}

/** What was picked last, on this device. */
export const recentEmoji = (): string[] =>
  usePrefs
    .getState()
    .recentEmoji.filter((emoji) => typeof emoji === "string" && isEmoji(emoji))
    .slice(0, RECENT_MAX);

export const noteEmoji = (emoji: string): void =>
  setPref("recentEmoji", [emoji, ...recentEmoji().filter((one) => one !== emoji)].slice(0, RECENT_MAX));

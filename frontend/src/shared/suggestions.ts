import { emojiFor, withEmoji } from "./emoji";

/** What the word that was begun may become. */
export interface Suggestion {
  name: string;
  /** There is none for a person. */
  emoji?: string;
  /** The text with it in the place of the word. */
  text: string;
}

const PEOPLE_MAX = 6;
const BEGUN = /(?:^|\s)@([^\s@]*)$/;
const WORD = /\S*$/;

/** Members whose name begins with what stands after an “@”, unless it is somebody's already; or emoji whose name was begun after a “:”. */
export function suggestionsFor(text: string, members: string[]): Suggestion[] {
  const begun = BEGUN.exec(text)?.[1];
  if (begun === undefined)
    return emojiFor(text).map(({ name, emoji }) => ({
      name: name.replaceAll("_", " "),
      emoji,
      text: withEmoji(text, emoji),
    }));
  const name = begun.toLowerCase();
  if (members.includes(name)) return [];
  return members
    .filter((member) => member.startsWith(name))
    .slice(0, PEOPLE_MAX)
    .map((member) => ({ name: member, text: text.replace(WORD, `@${member} `) }));
}

/** What stands before the word that is being written: who wants no suggestion for a word wants none while it grows. */
export const beforeWord = (text: string): string => text.replace(WORD, "");

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

/*
 * Emoji with their names, `import("virtual:emoji/de")`: what a picker needs of emojibase-data (MIT; names of the Unicode
 * CLDR), a seventh of its size. It becomes a chunk of this build, so that nothing is asked of another origin.
 */

const PREFIX = "virtual:emoji/";
/** What systems of the last years can draw; newer ones would be boxes to many. */
const VERSION_MAX = 15.1;
const RGI = new RegExp("^\\p{RGI_Emoji}$", "v");
/** Skin tones and hair by themselves. */
const COMPONENTS = 2;

interface Entry {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  version: number;
  order?: number;
}
interface Messages {
  groups: { message: string; order: number }[];
}

const require = createRequire(import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(require.resolve(`emojibase-data/${path}`), "utf8")) as T;

export function emojiData(): Plugin {
  return {
    name: "emoji-data",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load: (id) =>
      id.startsWith(`\0${PREFIX}`)
        ? `export default ${JSON.stringify(dataOf(id.slice(PREFIX.length + 1)))}`
        : undefined,
  };
}

/** As Unicode recommends it for interchange: two forms of one emoji would be two reactions. */
function formOf(emoji: string): string {
  const plain = emoji.replaceAll("\uFE0F", "");
  return !RGI.test(emoji) && RGI.test(plain) ? plain : emoji;
}

/** Groups in their order, and per emoji its name, its group and what else it is found by. */
function dataOf(language: string): unknown {
  const english = new Map(read<Entry[]>("en/data.json").map(({ emoji, label }) => [emoji, label]));
  const groups = read<Messages>(`${language}/messages.json`)
    .groups.filter(({ order }) => order !== COMPONENTS)
    .map(({ order, message }) => [order, message.charAt(0).toUpperCase() + message.slice(1)]);
  const emojis = read<Entry[]>(`${language}/data.json`)
    .filter(({ group, version }) => group !== undefined && group !== COMPONENTS && version <= VERSION_MAX)
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ emoji, label, group, tags = [] }) => {
      // Many know the English name from other programs.
      const others = new Set([...tags, english.get(emoji) ?? label]);
      others.delete(label);
      return [formOf(emoji), label, group, [...others].join("\t")];
    });
  return { groups, emojis };
}

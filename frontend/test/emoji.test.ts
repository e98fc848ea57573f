import { beforeEach, expect, test, vi } from "vitest";
import { isEmoji } from "../src/core/crypto/content";
import { allEmoji, noteEmoji, recentEmoji } from "../src/shared/all-emoji";
import { emojiFor, withEmoji } from "../src/shared/emoji";
import { usePrefs } from "../src/shared/prefs";

const stored = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
});
beforeEach(() => {
  stored.clear();
  usePrefs.setState({ recentEmoji: [] });
});

test("a name that was begun offers emoji, the ones that begin so first", () => {
  expect(emojiFor("well done :th").map(({ name }) => name)).toEqual(["thinking", "thumbsup", "thumbsdown", "earth"]);
  expect(emojiFor(":heart")[0]).toEqual({ name: "heart", emoji: "❤️" });
  expect(emojiFor(":hear")[0]).toEqual({ name: "heart_eyes", emoji: "😍" });
  expect(emojiFor("so :eart").map(({ name }) => name)).toEqual(["earth", "heart_eyes", "heart", "broken_heart"]);
});

test("times, smileys and addresses offer nothing", () => {
  for (const text of ["at 10:30", ":)", ":a", "https://example", "a:th", ":th "]) expect(emojiFor(text)).toEqual([]);
});

test("the emoji takes the place of its name, and every one can be a reaction", () => {
  expect(withEmoji("well done :thumb", "👍")).toBe("well done 👍 ");
  const offered = [":he", ":wa", ":ra", ":ea", ":sn"].flatMap(emojiFor);
  expect(offered.length).toBeGreaterThan(8);
  for (const { emoji } of offered) expect(isEmoji(emoji)).toBe(true);
});

test.each(["en", "de"] as const)("all emoji have a name in %s, and each can be a reaction", async (language) => {
  const { emojis, categories } = await allEmoji(language);
  expect(emojis.length).toBeGreaterThan(1_800);
  const groups = new Set(categories.map(({ index }) => index));
  for (const { emoji, label, category } of emojis) {
    expect({ emoji, fits: isEmoji(emoji) && label !== "" && groups.has(category) }).toEqual({ emoji, fits: true });
  }
  // Two forms of one emoji would be two reactions.
  const odd = emojis.filter(({ emoji }) => !new RegExp(String.raw`^\p{RGI_Emoji}$`, "v").test(emoji));
  expect(odd).toEqual([]);
  const offered = new Set(emojis.map(({ emoji }) => emoji));
  for (const emoji of ["👍", "❤️", "😂", "🎉", "👀", "✅", "🙏"])
    expect({ emoji, offered: offered.has(emoji) }).toEqual({ emoji, offered: true });
  expect(new Set(emojis.map(({ emoji }) => emoji)).size).toBe(emojis.length);
});

test("an emoji is found by its names in the language, in English, and by those that a completion knows", async () => {
  const namesOf = async (language: "en" | "de", wanted: string) => {
    const found = (await allEmoji(language)).emojis.find(({ emoji }) => emoji === wanted);
    return [found?.label, ...(found?.tags ?? [])];
  };
  expect(await namesOf("en", "🎉")).toEqual(expect.arrayContaining(["party popper", "celebrate", "tada"]));
  expect(await namesOf("de", "🎉")).toEqual(expect.arrayContaining(["Konfettibombe", "party popper", "tada"]));
  expect(await namesOf("de", "👍")).toEqual(expect.arrayContaining(["Daumen hoch", "thumbs up", "thumbsup"]));
});

test("those that were used last stand first, once each, and only so many", async () => {
  for (const emoji of ["🎉", "🐛", "🚀", "🎉"]) noteEmoji(emoji);
  const { emojis, categories } = await allEmoji("en");
  expect(emojis.slice(0, 3).map(({ emoji }) => emoji)).toEqual(["🎉", "🚀", "🐛"]);
  expect(emojis[0]?.category).toBe(categories[0]?.index);
  expect(emojis.filter(({ emoji }) => emoji === "🎉")).toHaveLength(1);
  for (const { emoji } of emojis.slice(100, 130)) noteEmoji(emoji);
  expect(recentEmoji()).toHaveLength(16);
  const found = await allEmoji("en", true);
  expect(found.categories).toHaveLength(1);
  expect(found.emojis.slice(0, 16).map(({ emoji }) => emoji)).toEqual(recentEmoji());
  const lengths = found.emojis.slice(16).map(({ label }) => label.length);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  // What something else has written there is not shown.
  usePrefs.setState({ recentEmoji: ["not one", 7 as unknown as string, "🐱"] });
  expect(recentEmoji()).toEqual(["🐱"]);
});

import { expect, test } from "vitest";
import { isEmoji } from "../src/core/crypto/content";
import { emojiFor, withEmoji } from "../src/shared/emoji";

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

import { describe, expect, test } from "vitest";
import { consoleDe } from "../src/locales/console-de";
import { de } from "../src/locales/de";
import { languageFor, numberOf, plural, readLanguage, t } from "../src/shared/i18n";
import { CLIENT, CONSOLE, textsOf } from "./texts";

const { keys, plurals, raw } = textsOf(CLIENT);
const ofConsole = textsOf(CONSOLE);
const placesOf = (text: string) => [...new Set(text.match(/\{\w+\}/g))].toSorted();

describe("what people read", () => {
  test("goes through the language layer", () => expect(raw).toEqual([]));

  test("is found where the source says it", () => {
    expect(keys.get("End all other sessions")).toMatch(/^features\/sessions\/sessions-dialog\.tsx:\d+$/);
    expect(keys.get("Sign in first.")).toMatch(/^core\/core\.ts:\d+$/);
    expect(plurals.get("{count} other sessions ended.")).toMatch(/^features\/auth\/change-password\.tsx:\d+$/);
  });

  test("has a German text each", () => {
    expect([...keys].filter(([text]) => typeof de[text] !== "string")).toEqual([]);
    expect([...plurals].filter(([text]) => typeof de[text] !== "object")).toEqual([]);
  });

  test("has no German text that nobody says", () => {
    expect(Object.keys(de).filter((text) => !keys.has(text) && !plurals.has(text))).toEqual([]);
  });

  test("is all there in the console, too", () => {
    expect(ofConsole.raw).toEqual([]);
    const both = { ...de, ...consoleDe };
    expect([...ofConsole.keys].filter(([text]) => typeof both[text] !== "string")).toEqual([]);
    expect([...ofConsole.plurals].filter(([text]) => typeof both[text] !== "object")).toEqual([]);
    const unsaid = Object.keys(consoleDe).filter((text) => !ofConsole.keys.has(text) && !ofConsole.plurals.has(text));
    expect(unsaid).toEqual([]);
  });

  test("names the same values in German", () => {
    for (const [text, translated] of [...Object.entries(de), ...Object.entries(consoleDe)]) {
      const { one, other } = typeof translated === "string" ? { other: translated } : translated;
      expect({ text, places: placesOf(other ?? "") }).toEqual({ text, places: placesOf(text) });
      // One may be said as a word.
      if (one !== undefined) expect(placesOf(text)).toEqual(expect.arrayContaining(placesOf(one)));
    }
  });
});

describe("a language", () => {
  test("is the one that was chosen, else the browser's first that there is, else English", () => {
    expect(languageFor("de", ["fr-FR"])).toBe("de");
    expect(languageFor("system", ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(languageFor("system", ["fr-FR"])).toBe("en");
    expect(languageFor("constructor", [])).toBe("en");
  });

  test("decides on texts, plurals and numbers, and tells the document", async () => {
    const html = { lang: "", dir: "" };
    Object.assign(globalThis, { document: { documentElement: html } });
    await readLanguage("de", ["de-DE"]);
    expect(html).toEqual({ lang: "de", dir: "ltr" });
    expect(t("Join {room}", { room: "Küche" })).toBe("Küche beitreten");
    expect(plural(1, "One other session ended.", "{count} other sessions ended.")).toBe(
      "Eine andere Sitzung wurde beendet.",
    );
    expect(plural(1_234, "One other session ended.", "{count} other sessions ended.")).toContain("1.234");
    await readLanguage("en", []);
    expect(t("Join {room}", { room: "{room}" })).toBe("Join {room}");
    expect(plural(1, "One other session ended.", "{count} other sessions ended.")).toBe("One other session ended.");
    expect(numberOf(1_234)).toBe("1,234");
    expect(t("Nobody translated this.")).toBe("Nobody translated this.");
  });
});

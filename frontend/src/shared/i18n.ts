/**
 * Texts in the reader's language. The English text is its own key: what the source says is what English readers see,
 * and another language's catalogue is looked up by it. Values stand in braces, as in “Join {room}”.
 */
export type Catalogue = Record<string, string | Partial<Record<Intl.LDMLPluralRule, string>>>;
export type Values = Record<string, string | number>;

interface Language {
  /** In the language itself, as a list of languages shows it. */
  name: string;
  dir: "ltr" | "rtl";
  load: () => Promise<Catalogue>;
}

export const LANGUAGES = {
  en: { name: "English", dir: "ltr", load: async () => ({}) },
  de: { name: "Deutsch", dir: "ltr", load: async () => (await import("../locales/de")).de },
} satisfies Record<string, Language>;

export type LanguageCode = keyof typeof LANGUAGES;

/** Texts of a page of its own, which others need not read. */
type MoreTexts = (code: LanguageCode) => Promise<Catalogue>;

let moreTexts: MoreTexts = async () => ({});

/** Called before a language is read. */
export const alsoRead = (load: MoreTexts): void => void (moreTexts = load);

let catalogue: Catalogue = {};
let locale = "en";
let plurals = new Intl.PluralRules(locale);
let numbers = new Intl.NumberFormat(locale);

/** The language that was chosen, or the first of the browser's that there is. */
export function languageFor(chosen: string, preferred: readonly string[]): LanguageCode {
  const wanted = [chosen, ...preferred].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return wanted.find((code): code is LanguageCode => Object.hasOwn(LANGUAGES, code)) ?? "en";
}

/** Reads a language's texts, and tells the document which it is. */
export async function readLanguage(code: LanguageCode, preferred: readonly string[]): Promise<void> {
  const { load, dir } = LANGUAGES[code];
  const [common, more] = await Promise.all([load(), moreTexts(code)]);
  catalogue = { ...common, ...more };
  // The region decides on dates and numbers: a reader in Vienna has another January than one in Berlin.
  locale = preferred.find((tag) => tag.toLowerCase().split("-")[0] === code) ?? code;
  plurals = new Intl.PluralRules(locale);
  numbers = new Intl.NumberFormat(locale);
  document.documentElement.lang = code;
  document.documentElement.dir = dir;
}

/** The reader's locale, for dates. */
export const localeNow = (): string => locale;

/** Marks a text that `t` is given later, where it stands outside of what is drawn. */
export const msg = (text: string): string => text;

export function t(text: string, values: Values = {}): string {
  return fill(templateOf(text), values);
}

/** A text that depends on a number; the form for many is the key. */
export function plural(count: number, one: string, other: string, values: Values = {}): string {
  const found = catalogue[other];
  const forms = typeof found === "object" ? found : { one, other };
  return fill(forms[plurals.select(count)] ?? forms.other ?? other, { count, ...values });
}

/** The text of a key with its places for values still open. */
export function templateOf(text: string): string {
  const found = catalogue[text];
  return typeof found === "string" ? found : text;
}

export const numberOf = (value: number): string => numbers.format(value);

export const PLACE = /\{(\w+)\}/;

function fill(template: string, values: Values): string {
  return template
    .split(PLACE)
    .map((part, at) => {
      if (at % 2 === 0) return part;
      const value = values[part];
      return typeof value === "number" ? numberOf(value) : (value ?? `{${part}}`);
    })
    .join("");
}

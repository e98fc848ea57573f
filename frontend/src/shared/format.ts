import { localeNow, plural, t } from "./i18n";

const DAY_MS = 86_400_000;

/** A format is made when something needs it, which takes a while, and anew when the reader chooses another language. */
function inLocale<T>(make: (locale: string) => T): () => T {
  let made: { locale: string; format: T } | undefined;
  return () => {
    if (made?.locale !== localeNow()) made = { locale: localeNow(), format: make(localeNow()) };
    return made.format;
  };
}

const time = inLocale((locale) => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }));
const day = inLocale((locale) => new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" }));
const full = inLocale((locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }));
const relative = inLocale((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const size = inLocale((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }));
const percent = inLocale((locale) => new Intl.NumberFormat(locale, { style: "percent" }));
const list = inLocale((locale) => new Intl.ListFormat(locale, { type: "conjunction" }));

export const timeOf = (at: number): string => time().format(at);
export const fullTimeOf = (at: number): string => full().format(at);
export const isSameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** “Today”, “Yesterday”, or the date. */
export function dayOf(at: number): string {
  const days = Math.round((new Date(at).setHours(12, 0, 0, 0) - new Date().setHours(12, 0, 0, 0)) / DAY_MS);
  const text = days >= -1 && days <= 0 ? relative().format(days, "day") : day().format(at);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** “3 minutes ago” */
export function agoOf(at: number): string {
  const minutes = Math.round((at - Date.now()) / 60_000);
  if (minutes > -60) return relative().format(Math.min(0, minutes), "minute");
  if (minutes > -1_440) return relative().format(Math.round(minutes / 60), "hour");
  return relative().format(Math.round(minutes / 1_440), "day");
}

/** “3.2 MB” */
export function octetsOf(count: number): string {
  if (count < 1_000) return `${size().format(count)} B`;
  return count < 1_000_000 ? `${size().format(count / 1_000)} KB` : `${size().format(count / 1_000_000)} MB`;
}

/** “42%”, of something between 0 and 1; never all before it is all. */
export const percentOf = (part: number): string => percent().format(Math.floor(part * 100) / 100);

/** A fingerprint in groups that two people can compare aloud. */
export const fingerprintOf = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(" ");

/** “Ann”, “Ann and Ben”, “Ann, Ben and 3 others” */
export function namesOf(names: string[]): string {
  if (names.length <= 2) return list().format(names);
  const count = names.length - 2;
  return plural(count, "{names} and one other", "{names} and {count} others", { names: names.slice(0, 2).join(", ") });
}

/** “Ann is writing…” */
export const writingOf = (names: string[]): string =>
  names.length === 1
    ? t("{names} is writing…", { names: namesOf(names) })
    : t("{names} are writing…", { names: namesOf(names) });

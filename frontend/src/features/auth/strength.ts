import { msg } from "../../shared/i18n";
import { withoutCommon } from "./common";

/** An estimate of how hard a password is to guess, made on this device. */
export interface Strength {
  /** 0 … 4 */
  score: 0 | 1 | 2 | 3 | 4;
  label: string;
  advice: string | undefined;
}

const COMMON = [
  "password",
  "passwort",
  "123456",
  "qwerty",
  "letmein",
  "welcome",
  "admin",
  "iloveyou",
  "dragon",
  "monkey",
  "football",
  "sunshine",
  "princess",
  "login",
  "abc123",
  "secret",
  "sealcast",
  "changeme",
  "summer",
  "winter",
];
const LABELS = [msg("Too easy to guess"), msg("Weak"), msg("Fair"), msg("Good"), msg("Strong")] as const;
/** Bits below which each score begins. */
const STEPS = [28, 40, 52, 66];

const COMMON_BITS = 6;
const WORD_BITS = 12.5;
const LETTER_BITS = 4.7;
const DIGIT_BITS = 3.3;
const SYMBOL_BITS = 4;
const RUNS = /(?:012|123|234|345|456|567|678|789|abc|bcd|cde|qwe|wer|asd|yxc|zxc)+/gi;

export const PASSWORD_SCORE_MIN = 2;
/** The password alone guards the key: NIST SP 800-63B asks for as many. */
const CHARS_MIN = 15;
/** What a shorter one gets at most. */
const SHORT_SCORE = 1;
/** Bits of a password that stands on the list of stolen ones. */
const LISTED_BITS = 12;

/** Counts choices: a common word or the user name is almost none, a plain word one of some thousands, anything else by character. */
export function strengthOf(password: string, username: string): Strength {
  const bits = bitsOf(password, username);
  const scored = STEPS.filter((step) => bits >= step).length;
  const short = [...password].length < CHARS_MIN;
  const score = (short ? Math.min(scored, SHORT_SCORE) : scored) as Strength["score"];
  return { score, label: LABELS[score], advice: score >= 3 ? undefined : adviceFor(password) };
}

function bitsOf(password: string, username: string): number {
  const common = withoutCommon(password);
  let text = common.rest;
  let bits = common.found * LISTED_BITS;
  for (const word of [username.trim(), ...COMMON]) {
    if (word.length < 3 || !text.toLowerCase().includes(word.toLowerCase())) continue;
    text = text.replaceAll(new RegExp(word.replaceAll(/[^\p{L}\p{N}]/gu, "."), "giu"), "");
    bits += COMMON_BITS;
  }
  text = text.replaceAll(/(.)\1+/gu, "$1").replaceAll(RUNS, "1");
  return (text.match(/\p{L}+|\d+|[^\p{L}\d]+/gu) ?? []).reduce((sum, run) => sum + runBits(run), bits);
}

function runBits(run: string): number {
  if (/^\d/.test(run)) return run.length * DIGIT_BITS;
  if (!/^\p{L}/u.test(run)) return run.trim() ? run.length * SYMBOL_BITS : 1;
  const random = run.length * LETTER_BITS;
  return looksLikeAWord(run) ? Math.min(random, WORD_BITS) : random;
}

/** Vowels at a natural pace: good enough to tell “tractor” from “xkqzjw”. */
const looksLikeAWord = (run: string): boolean =>
  run.length >= 3 && !/[^aeiouyäöüáéíóúàèù]{5}/i.test(run) && /[aeiouyäöü]/i.test(run);

const adviceFor = (password: string): string =>
  [...password].length < CHARS_MIN
    ? msg("Make it longer, 15 characters at least: four or five unrelated words work well.")
    : msg("Add another unrelated word or two.");

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
const LABELS = ["Too easy to guess", "Weak", "Fair", "Good", "Strong"] as const;
/** Bits below which each score begins. */
const STEPS = [28, 40, 52, 66];

export const PASSWORD_SCORE_MIN = 2;

/** Counts what is left after common words, repeats, runs and the user name are taken as one choice each. */
export function strengthOf(password: string, username: string): Strength {
  const bits = bitsOf(password, username);
  const score = STEPS.filter((step) => bits >= step).length as Strength["score"];
  const advice = score >= 3 ? undefined : adviceFor(password);
  return { score, label: LABELS[score], advice };
}

function bitsOf(password: string, username: string): number {
  let text = password.toLowerCase();
  let bits = 0;
  for (const word of [username.toLowerCase(), ...COMMON]) {
    if (word.length < 3 || !text.includes(word)) continue;
    text = text.replaceAll(word, "");
    bits += 8;
  }
  text = text
    .replaceAll(/(.)\1{2,}/g, "$1")
    .replaceAll(/(?:012|123|234|345|456|567|678|789|abc|bcd|cde|qwe|wer|asd)/g, "1");
  const words = text.split(/[\s\-_.]+/).filter((word) => word.length >= 4 && /^\p{L}+$/u.test(word));
  for (const word of words) {
    // A plain word is one choice of some thousands, however long it is; unusual ones gain a little.
    text = text.replace(word, "");
    bits += Math.min(13, 3 * word.length);
  }
  return bits + text.length * Math.log2(Math.max(2, alphabetOf(password)));
}

function alphabetOf(password: string): number {
  const classes: [RegExp, number][] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/\d/, 10],
    [/[^a-zA-Z\d]/, 20],
  ];
  return classes.reduce((sum, [pattern, size]) => sum + (pattern.test(password) ? size : 0), 0);
}

const adviceFor = (password: string): string =>
  password.length < 12
    ? "Make it longer: four or five unrelated words work well."
    : "Add another unrelated word or two.";

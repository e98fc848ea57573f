/** Emoji by the names that people know from other programs; a completion offers them, nothing is loaded. */
const NAMED: Record<string, string> = {
  smile: "😄",
  grin: "😁",
  joy: "😂",
  wink: "😉",
  blush: "😊",
  heart_eyes: "😍",
  thinking: "🤔",
  neutral: "😐",
  sweat_smile: "😅",
  cry: "😢",
  sob: "😭",
  angry: "😠",
  sunglasses: "😎",
  sleeping: "😴",
  astonished: "😲",
  shrug: "🤷",
  thumbsup: "👍",
  thumbsdown: "👎",
  ok_hand: "👌",
  clap: "👏",
  wave: "👋",
  pray: "🙏",
  muscle: "💪",
  raised_hands: "🙌",
  handshake: "🤝",
  eyes: "👀",
  heart: "❤️",
  broken_heart: "💔",
  fire: "🔥",
  sparkles: "✨",
  star: "⭐",
  tada: "🎉",
  rocket: "🚀",
  check: "✅",
  cross: "❌",
  warning: "⚠️",
  question: "❓",
  exclamation: "❗",
  bulb: "💡",
  lock: "🔒",
  key: "🔑",
  bug: "🐛",
  hammer: "🔨",
  wrench: "🔧",
  memo: "📝",
  calendar: "📅",
  clock: "🕒",
  phone: "📞",
  mail: "📧",
  paperclip: "📎",
  chart: "📈",
  laptop: "💻",
  coffee: "☕",
  tea: "🍵",
  beer: "🍺",
  cake: "🍰",
  pizza: "🍕",
  apple: "🍎",
  sun: "☀️",
  rain: "🌧️",
  snowflake: "❄️",
  earth: "🌍",
  dog: "🐶",
  cat: "🐱",
};
/** The names by which a completion offers an emoji. */
export const namesOfEmoji = (emoji: string): string[] => Object.keys(NAMED).filter((name) => NAMED[name] === emoji);

const SHOWN_MAX = 6;
/** A colon at the beginning of a word, and two letters at least: “:)” and “10:30” are none. */
const BEGUN = /(?:^|\s):([a-z_]{2,})$/;

export interface NamedEmoji {
  name: string;
  emoji: string;
}

/** What the end of a text may become; names that begin with it come first. */
export function emojiFor(text: string): NamedEmoji[] {
  const begun = BEGUN.exec(text)?.[1];
  if (begun === undefined) return [];
  const fitting = Object.keys(NAMED).filter((name) => name.includes(begun));
  const rank = (name: string) => (name === begun ? 0 : name.startsWith(begun) ? 1 : 2);
  const sorted = fitting.toSorted((a, b) => rank(a) - rank(b));
  return sorted.slice(0, SHOWN_MAX).map((name) => ({ name, emoji: NAMED[name] ?? "" }));
}

/** The text with the emoji in the place of its name. */
export const withEmoji = (text: string, emoji: string): string => text.replace(/:[a-z_]{2,}$/, `${emoji} `);

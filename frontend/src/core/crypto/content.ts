/**
 * What an envelope's plaintext can say (docs/protocol.md, section 3, and frontend/docs/content.md). A message is named by its
 * key, `<sender>:<cid>`, which its signature covers.
 */
export type Content =
  | { kind: "text"; text: string; reply?: string; mentions: string[] }
  /** Replaces the text of an own earlier message. */
  | { kind: "edit"; target: string; text: string; mentions: string[] }
  /** Takes an own earlier message back: clients hide it, the audit log keeps it. */
  | { kind: "delete"; target: string }
  | { kind: "react"; target: string; emoji: string; off: boolean };

/** The fields of the plaintext that a content fills. */
export interface ContentFields {
  t: string;
  b: string;
  re?: string;
  at?: string[];
  off?: true;
}

const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MENTIONS_MAX = 50;
const USERNAME_CHARS_MAX = 64;
/** Joined emoji, such as families, take some code units. */
const EMOJI_CHARS_MAX = 32;

export function fieldsOf(content: Content): ContentFields {
  switch (content.kind) {
    case "text":
      return {
        t: "text",
        b: content.text,
        ...(content.reply === undefined ? {} : { re: content.reply }),
        ...mentioned(content.mentions),
      };
    case "edit":
      return { t: "edit", b: content.text, re: content.target, ...mentioned(content.mentions) };
    case "delete":
      return { t: "delete", b: "", re: content.target };
    case "react":
      return { t: "react", b: content.emoji, re: content.target, ...(content.off ? { off: true as const } : {}) };
  }
}

/** Undefined for what a later version may have written, and for what no version writes. */
export function contentOf(fields: Record<string, unknown>): Content | undefined {
  const { t, b, re, at, off } = fields;
  if (typeof b !== "string") return undefined;
  const target = typeof re === "string" && KEY.test(re) ? re : undefined;
  const mentions = mentionsOf(at);
  if (t === "text") return { kind: "text", text: b, mentions, ...(target ? { reply: target } : {}) };
  if (!target) return undefined;
  if (t === "edit") return { kind: "edit", target, text: b, mentions };
  if (t === "delete") return { kind: "delete", target };
  if (t === "react" && isEmoji(b)) return { kind: "react", target, emoji: b, off: off === true };
  return undefined;
}

/** One picture, not a text that would pass for one. */
export const isEmoji = (text: string): boolean =>
  text.length <= EMOJI_CHARS_MAX &&
  /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator})/u.test(text) &&
  !/\s/.test(text);

const mentioned = (mentions: string[]): { at?: string[] } => (mentions.length > 0 ? { at: mentions } : {});

function mentionsOf(at: unknown): string[] {
  if (!Array.isArray(at)) return [];
  const names = at.filter((name): name is string => typeof name === "string" && name.length <= USERNAME_CHARS_MAX);
  return names.slice(0, MENTIONS_MAX);
}

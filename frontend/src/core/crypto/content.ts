/**
 * What an envelope's plaintext can say (docs/protocol.md, section 3, and frontend/docs/content.md). A message is named by its
 * key, `<sender>:<cid>`, which its signature covers.
 */
export type Content =
  | { kind: "text"; text: string; reply?: string; mentions: string[]; files?: FileRef[] }
  /** Replaces the text of an own earlier message. */
  | { kind: "edit"; target: string; text: string; mentions: string[] }
  /** Takes an own earlier message back: clients hide it, the audit log keeps it. */
  | { kind: "delete"; target: string }
  | { kind: "react"; target: string; emoji: string; off: boolean };

/** A file beside a text: what it is called, and what opens it. */
export interface FileRef {
  id: string;
  name: string;
  type: string;
  size: number;
  /** Of AES-256-GCM, base64. */
  key: string;
  /** SHA-256 over the SHA-256 of each sealed chunk, base64. */
  sum: string;
  /** Of a picture, in pixels. */
  w?: number;
  h?: number;
}

/** The fields of the plaintext that a content fills. */
export interface ContentFields {
  t: string;
  b: string;
  re?: string;
  at?: string[];
  off?: true;
  files?: FileRef[];
}

const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ID = /^[0-9a-f-]{36}$/;
const OCTETS_32 = /^[\w+/]{43}=$/;
const MIME = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/;
/** What would let a name pass for another, or for a path. */
// oxlint-disable-next-line no-control-regex -- these are what is taken out
const NOT_IN_NAMES = /[\\/\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const NAME_CHARS_MAX = 200;
const PIXELS_MAX = 65_535;
export const FILES_MAX = 10;
export const FILE_OCTETS_MAX = 26_214_400;
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
        ...(content.files ? { files: content.files } : {}),
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
  const { t, b, re, at, off, files } = fields;
  if (typeof b !== "string") return undefined;
  const target = typeof re === "string" && KEY.test(re) ? re : undefined;
  const mentions = mentionsOf(at);
  if (t === "text") {
    const refs = filesOf(files);
    return {
      kind: "text",
      text: b,
      mentions,
      ...(target ? { reply: target } : {}),
      ...(refs.length > 0 ? { files: refs } : {}),
    };
  }
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

/** What is not of the form is left out: it could not be opened. */
function filesOf(files: unknown): FileRef[] {
  return Array.isArray(files) ? files.slice(0, FILES_MAX).flatMap(fileOf) : [];
}

function fileOf(file: unknown): FileRef | [] {
  const { id, name, type, size, key, sum, w, h } = (file ?? {}) as Record<string, unknown>;
  const fits = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);
  const upTo = (value: unknown, max: number): value is number => Number.isInteger(value) && (value as number) <= max;
  if (!fits(id, ID) || !fits(key, OCTETS_32) || !fits(sum, OCTETS_32) || typeof name !== "string") return [];
  if (!upTo(size, FILE_OCTETS_MAX) || size < 0) return [];
  const pixels = upTo(w, PIXELS_MAX) && upTo(h, PIXELS_MAX) && w > 0 && h > 0 ? { w, h } : {};
  return {
    id,
    name: fileName(name),
    type: fits(type, MIME) ? type : "application/octet-stream",
    size,
    key,
    sum,
    ...pixels,
  };
}

/** A name that is only a name. */
export const fileName = (name: string): string =>
  name.replaceAll(NOT_IN_NAMES, "").trim().slice(0, NAME_CHARS_MAX) || "file";

const mentioned = (mentions: string[]): { at?: string[] } => (mentions.length > 0 ? { at: mentions } : {});

function mentionsOf(at: unknown): string[] {
  if (!Array.isArray(at)) return [];
  const names = at.filter((name): name is string => typeof name === "string" && name.length <= USERNAME_CHARS_MAX);
  return names.slice(0, MENTIONS_MAX);
}

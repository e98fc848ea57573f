/**
 * The Markdown that messages may use: emphasis, code, quotations, lists and links, and nothing that loads, embeds or
 * styles. It becomes a tree that React renders; no HTML is made on the way.
 */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; text: string }
  | { kind: "mention"; name: string };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] };

const DEPTH_MAX = 4;
/** Closing marks that are looked at before an opening one is taken as text. */
const CLOSERS_MAX = 8;
const ITEM = /^\s{0,3}(?:[-*•]|(\d{1,9})[.)])\s+(.*)$/;
const FENCE = /^\s{0,3}```\s*\S*\s*$/;
const QUOTE = /^\s{0,3}>\s?/;
const WORD = /[\p{L}\p{N}_]/u;
const NAMED_LINK = /\[([^[\]\n]{1,300})\]\((https?:\/\/[^\s()<>]{1,1500})\)/y;
const BARE_LINK = /https?:\/\/[^\s<>"]{1,1500}/y;
const MENTION = /@[^\s@]{1,64}/y;
const TRAILING = /[.,;:!?'")\]]+$/;
const MARKS = [
  ["**", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
] as const;

/** Reads a message; only the given names are mentions. */
export function parseMarkdown(text: string, mentions: readonly string[] = []): Block[] {
  return blocksOf(text.replaceAll("\r\n", "\n").split("\n"), new Set(mentions), 0);
}

function blocksOf(lines: string[], names: Set<string>, depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  const takeWhile = (wanted: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && wanted(lines[at] as string)) at++;
    return lines.slice(from, at);
  };
  const isQuote = (line: string) => depth < DEPTH_MAX && QUOTE.test(line);
  const closes = (from: number) => lines.findIndex((line, index) => index > from && FENCE.test(line));
  while (at < lines.length) {
    const line = lines[at] as string;
    const fenceEnd = FENCE.test(line) ? closes(at) : -1;
    if (fenceEnd > 0) {
      blocks.push({ kind: "code", text: lines.slice(at + 1, fenceEnd).join("\n") });
      at = fenceEnd + 1;
    } else if (isQuote(line)) {
      const quoted = takeWhile(isQuote).map((one) => one.replace(QUOTE, ""));
      blocks.push({ kind: "quote", blocks: blocksOf(quoted, names, depth + 1) });
    } else if (ITEM.test(line)) {
      const ordered = ITEM.exec(line)?.[1] !== undefined;
      const items = takeWhile((one) => ITEM.test(one) && (ITEM.exec(one)?.[1] !== undefined) === ordered);
      const start = Number(ITEM.exec(line)?.[1] ?? 1);
      blocks.push({
        kind: "list",
        ordered,
        start,
        items: items.map((one) => inlinesOf(ITEM.exec(one)?.[2] ?? "", names, 0)),
      });
    } else if (line.trim() === "") {
      at++;
    } else {
      const first = at++;
      const rest = takeWhile((one) => one.trim() !== "" && !isQuote(one) && !ITEM.test(one) && !FENCE.test(one));
      blocks.push({ kind: "paragraph", children: inlinesOf([lines[first], ...rest].join("\n"), names, 0) });
    }
  }
  return blocks;
}

/** Walks over a text once; what opens nothing is text. */
function inlinesOf(text: string, names: Set<string>, depth: number): Inline[] {
  const found: Inline[] = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const token = tokenAt(text, at, names, depth);
    if (token) {
      if (plain) found.push({ kind: "text", text: plain });
      plain = "";
      found.push(token.inline);
      at = token.end;
    } else {
      plain += text[at++];
    }
  }
  if (plain) found.push({ kind: "text", text: plain });
  return found;
}

interface Token {
  inline: Inline;
  end: number;
}

function tokenAt(text: string, at: number, names: Set<string>, depth: number): Token | undefined {
  switch (text[at]) {
    case "`":
      return codeAt(text, at);
    case "[":
    case "h":
      return linkAt(text, at);
    case "@":
      return mentionAt(text, at, names);
    case "*":
    case "_":
    case "~":
      return depth < DEPTH_MAX ? emphasisAt(text, at, names, depth) : undefined;
    default:
      return undefined;
  }
}

function codeAt(text: string, at: number): Token | undefined {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return undefined;
  return { inline: { kind: "code", text: text.slice(at + 1, end) }, end: end + 1 };
}

function linkAt(text: string, at: number): Token | undefined {
  const named = text[at] === "[" ? matchAt(NAMED_LINK, text, at) : undefined;
  if (named?.[1] && named[2]) return linkOf(named[2], named[1], at + named[0].length);
  if (text[at] === "[" || (at > 0 && WORD.test(text[at - 1] as string))) return undefined;
  const href = matchAt(BARE_LINK, text, at)?.[0].replace(TRAILING, "");
  return href ? linkOf(href, href, at + href.length) : undefined;
}

/** Only what a browser reads as an address of the web is a link. */
function linkOf(href: string, text: string, end: number): Token | undefined {
  if (!URL.canParse(href) || !/^https?:$/.test(new URL(href).protocol)) return undefined;
  return { inline: { kind: "link", href: new URL(href).href, text }, end };
}

function mentionAt(text: string, at: number, names: Set<string>): Token | undefined {
  if (at > 0 && WORD.test(text[at - 1] as string)) return undefined;
  let name = matchAt(MENTION, text, at)?.[0].slice(1) ?? "";
  if (!names.has(name.toLowerCase())) name = name.replace(TRAILING, "");
  if (!names.has(name.toLowerCase())) return undefined;
  return { inline: { kind: "mention", name }, end: at + 1 + name.length };
}

function emphasisAt(text: string, at: number, names: Set<string>, depth: number): Token | undefined {
  const [mark, kind] = MARKS.find(([one]) => text.startsWith(one, at)) ?? [];
  if (!mark || !kind) return undefined;
  const from = at + mark.length;
  if (mark === "_" && at > 0 && WORD.test(text[at - 1] as string)) return undefined;
  if (from >= text.length || /\s/.test(text[from] as string)) return undefined;
  let end = text.indexOf(mark, from + 1);
  for (let tries = 0; end > 0 && tries < CLOSERS_MAX; tries++, end = text.indexOf(mark, end + 1)) {
    const inWord = mark === "_" && WORD.test(text[end + 1] ?? "");
    const double = mark === "*" && (text[end + 1] === "*" || text[end - 1] === "*");
    if (inWord || double || /\s/.test(text[end - 1] as string)) continue;
    const children = inlinesOf(text.slice(from, end), names, depth + 1);
    return { inline: { kind, children }, end: end + mark.length };
  }
  return undefined;
}

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at;
  return form.exec(text) ?? undefined;
}

/** The names in a text that are among the known ones, each once. */
export function mentionsIn(text: string, known: readonly string[]): string[] {
  const names = new Set(known.map((name) => name.toLowerCase()));
  const found = new Set<string>();
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const token = mentionAt(text, at, names);
    if (token?.inline.kind === "mention") found.add(token.inline.name.toLowerCase());
  }
  return [...found];
}

/** A text without its marks, on one line: for quotations and lists of hits. */
export function plainText(text: string): string {
  const ofInline = (one: Inline): string => {
    if (one.kind === "mention") return `@${one.name}`;
    return "children" in one ? one.children.map(ofInline).join("") : one.text;
  };
  const ofBlock = (block: Block): string => {
    if (block.kind === "code") return block.text;
    if (block.kind === "quote") return block.blocks.map(ofBlock).join(" ");
    if (block.kind === "list") return block.items.map((item) => item.map(ofInline).join("")).join(", ");
    return block.children.map(ofInline).join("");
  };
  return parseMarkdown(text).map(ofBlock).join(" ").replaceAll(/\s+/g, " ").trim();
}

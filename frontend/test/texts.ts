import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

/** Reads the source for the texts that people see: what goes through the language layer, and what does not. */
export interface Texts {
  /** Given to `t`, `msg` or `rich`. */
  keys: Map<string, string>;
  /** Given to `plural`. */
  plurals: Map<string, string>;
  /** Written where they are drawn, so no language can replace them. */
  raw: string[];
}

interface Node {
  type: string;
  start: number;
  [name: string]: unknown;
}

const SRC = join(import.meta.dirname, "../src");
interface Folders {
  /** Where texts are drawn. */
  drawn: string[];
  /** Where sentences are made that others draw. */
  told: string[];
}

/** The client, and whatever both pages share. */
export const CLIENT: Folders = { drawn: ["features", "routes", "ui", "shared"], told: ["core", "api"] };
/** The compliance console, whose texts stand apart. */
export const CONSOLE: Folders = { drawn: ["console"], told: ["exporter"] };
const ATTRIBUTES = new Set([
  "label",
  "title",
  "aria-label",
  "alt",
  "placeholder",
  "hint",
  "description",
  "lead",
  "legend",
  "error",
  "what",
]);
const WORD = /\p{Ll}/u;
const SENTENCE = /^[\p{Lu}“].* .*[.!?]$/u;
/** Names that are the same in every language. */
const NAMES = new Set(["Sealcast"]);

export function textsOf({ drawn, told }: Folders): Texts {
  const texts: Texts = { keys: new Map(), plurals: new Map(), raw: [] };
  for (const path of filesIn(drawn)) visit(path, (node, at) => ofDrawn(node, at, texts));
  for (const path of filesIn(told)) visit(path, (node, at) => ofTold(node, at, texts));
  return texts;
}

const filesIn = (folders: string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(SRC, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".d.ts"))
      .map((name) => join(SRC, folder, name)),
  );

function visit(path: string, see: (node: Node, at: string) => void): void {
  const source = readFileSync(path, "utf8");
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const at = (node: Node) => `${relative(SRC, path)}:${source.slice(0, node.start).split("\n").length}`;
  walk(program, (node) => see(node, at(node)));
}

function walk(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) walk(one, see);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  if ("type" in value && typeof value.type === "string") see(value as Node);
  for (const inner of Object.values(value)) walk(inner, see);
}

function ofDrawn(node: Node, at: string, { keys, plurals, raw }: Texts): void {
  if (node.type === "CallExpression") {
    const { name } = node["callee"] as { name?: string };
    const args = node["arguments"] as Node[];
    const of = (index: number) => (args[index]?.type === "Literal" ? String(args[index]["value"]) : undefined);
    const text = name === "plural" ? of(2) : name === "t" || name === "msg" || name === "rich" ? of(0) : undefined;
    if (text !== undefined) (name === "plural" ? plurals : keys).set(text, at);
  }
  const told = (text: string | undefined) => text !== undefined && !NAMES.has(text) && raw.push(`${at}: ${text}`);
  if (node.type === "JSXText") told(WORD.test(String(node["value"])) ? String(node["value"]).trim() : undefined);
  if (node.type === "JSXAttribute" && ATTRIBUTES.has((node["name"] as { name: string }).name))
    told(literal(node["value"]));
  if (node.type === "JSXElement" || node.type === "JSXFragment") {
    for (const child of node["children"] as Node[]) {
      if (child.type === "JSXExpressionContainer") told(literal(child["expression"]));
    }
  }
}

/** A text that an expression comes to without passing the language layer. */
function literal(value: unknown): string | undefined {
  const node = value as Node | null;
  switch (node?.type) {
    case "Literal":
      return typeof node["value"] === "string" && WORD.test(node["value"]) ? node["value"] : undefined;
    case "TemplateLiteral": {
      const text = (node["quasis"] as { value: { raw: string } }[]).map((quasi) => quasi.value.raw).join("…");
      return WORD.test(text) ? text : undefined;
    }
    case "JSXExpressionContainer":
    case "ParenthesizedExpression":
      return literal(node["expression"]);
    case "ConditionalExpression":
      return literal(node["consequent"]) ?? literal(node["alternate"]);
    case "LogicalExpression":
      return literal(node["right"]);
    default:
      return undefined;
  }
}

function ofTold(node: Node, at: string, { keys }: Texts): void {
  if (node.type === "Literal" && typeof node["value"] === "string" && SENTENCE.test(node["value"])) {
    keys.set(node["value"], at);
  }
  // What an export is at, told by its worker.
  if (node.type === "Property" && (node["key"] as { name?: string }).name === "text") {
    const { type, value } = node["value"] as Node & { value?: unknown };
    if (type === "Literal" && typeof value === "string" && value) keys.set(value, at);
  }
  // Reasons stand within a sentence, so they begin in lower case.
  if (
    node.type === "NewExpression" &&
    ["LogBroken", "Told"].includes((node["callee"] as { name?: string }).name ?? "")
  ) {
    const [first] = node["arguments"] as Node[];
    if (first?.type === "Literal") keys.set(String(first["value"]), at);
  }
}

import { describe, expect, it } from "vitest";
import { type Block, type Inline, mentionsIn, parseMarkdown, plainText } from "../src/shared/markdown";

/** A tree in short: what a reader of the test sees at once. */
const short = (blocks: Block[]): string => blocks.map(block).join("|");
const block = (one: Block): string => {
  if (one.kind === "paragraph") return `p(${inlines(one.children)})`;
  if (one.kind === "code") return `pre(${one.text})`;
  if (one.kind === "quote") return `q(${short(one.blocks)})`;
  return `${one.ordered ? `ol${one.start}` : "ul"}(${one.items.map(inlines).join(",")})`;
};
const inlines = (some: Inline[]): string => some.map(inline).join("");
const inline = (one: Inline): string => {
  if (one.kind === "text") return one.text;
  if (one.kind === "code") return `code(${one.text})`;
  if (one.kind === "link") return `a(${one.text}>${one.href})`;
  if (one.kind === "mention") return `at(${one.name})`;
  return `${one.kind}(${inlines(one.children)})`;
};

describe("markdown", () => {
  it.each([
    ["plain", "p(plain)"],
    ["two\nlines", "p(two\nlines)"],
    ["one\n\ntwo", "p(one)|p(two)"],
    ["**bold** and *it* and _it_ and ~~gone~~", "p(strong(bold) and em(it) and em(it) and del(gone))"],
    ["**bold *and* more**", "p(strong(bold em(and) more))"],
    ["2 * 3 * 4 and snake_case_name", "p(2 * 3 * 4 and snake_case_name)"],
    ["`a **b** c` d", "p(code(a **b** c) d)"],
    ["```ts\nlet a = *b*;\n```\nafter", "pre(let a = *b*;)|p(after)"],
    ["```\nnever closed", "p(```\nnever closed)"],
    ["> said\n> twice\nanswer", "q(p(said\ntwice))|p(answer)"],
    ["- a\n- **b**\n\n3. c\n4. d", "ul(a,strong(b))|ol3(c,d)"],
    ["see https://example.org/a_b?c=1.", "p(see a(https://example.org/a_b?c=1>https://example.org/a_b?c=1).)"],
    ["[here](https://example.org/x)", "p(a(here>https://example.org/x))"],
    ["[bad](javascript:alert(1)) javascript:alert(1)", "p([bad](javascript:alert(1)) javascript:alert(1))"],
    ["<b>no html</b>", "p(<b>no html</b>)"],
  ])("%j", (text, tree) => expect(short(parseMarkdown(text))).toBe(tree));

  it("marks only the names that were mentioned", () => {
    expect(short(parseMarkdown("@ann, not @bob or a@ann", ["ann"]))).toBe("p(at(ann), not @bob or a@ann)");
    expect(mentionsIn("hi @Ann! and @ben.b and x@ann @nobody", ["ann", "ben.b"])).toEqual(["ann", "ben.b"]);
  });

  it("keeps every character of a text without marks", () => {
    const text = "a*b c_d e~f `g [h](i) @ 5 > 4";
    expect(short(parseMarkdown(text))).toBe(`p(${text})`);
  });

  it("comes without marks where one line has to do", () => {
    const text = "**Plan** for [us](https://example.org)\n- a\n- `b`\n> said";
    expect(plainText(text)).toBe("Plan for us a, b said");
  });

  it("ends on what is made to nest for ever", () => {
    for (const unit of ["*", "_a", "**a ", "> ", "[", "`", "@a ", "~~x"]) {
      expect(parseMarkdown(unit.repeat(10_000 / unit.length)).length).toBeGreaterThan(0);
    }
  });
});

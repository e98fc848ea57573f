import { useMemo } from "react";
import { type Block, type Inline, parseMarkdown } from "../../shared/markdown";

/** A message's text. Links open elsewhere and show where they lead; nothing is fetched to preview them. */
export function Markdown({ text, mentions }: { text: string; mentions: string[] }) {
  const blocks = useMemo(() => parseMarkdown(text, mentions), [text, mentions]);
  return <Blocks blocks={blocks} />;
}

function Blocks({ blocks }: { blocks: Block[] }) {
  return blocks.map((block, at) => <OneBlock key={at} block={block} />);
}

function OneBlock({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p dir="auto" className="break-words whitespace-pre-wrap [&:not(:first-child)]:mt-2">
          <Inlines inlines={block.children} />
        </p>
      );
    case "code":
      return (
        <pre className="thin-scroll my-1 max-w-full overflow-x-auto rounded-lg border border-line bg-sunken px-3 py-2 font-mono text-[0.85rem]">
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote className="my-1 border-s-3 border-line ps-3 text-muted">
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, at) => (
        <li key={at} dir="auto" className="break-words">
          <Inlines inlines={item} />
        </li>
      ));
      return block.ordered ? (
        <ol start={block.start} className="my-1 list-decimal ps-6">
          {items}
        </ol>
      ) : (
        <ul className="my-1 list-disc ps-6">{items}</ul>
      );
    }
  }
}

function Inlines({ inlines }: { inlines: Inline[] }) {
  return inlines.map((inline, at) => <OneInline key={at} inline={inline} />);
}

function OneInline({ inline }: { inline: Inline }) {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "strong":
      return (
        <strong className="font-semibold">
          <Inlines inlines={inline.children} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inlines inlines={inline.children} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inlines inlines={inline.children} />
        </del>
      );
    case "code":
      return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.85em]">{inline.text}</code>;
    case "link":
      return (
        <a
          href={inline.href}
          target="_blank"
          rel="noopener noreferrer"
          title={inline.href}
          className="break-all text-accent underline underline-offset-2 hover:text-accent-strong"
        >
          {inline.text}
        </a>
      );
    case "mention":
      return <span className="rounded bg-accent-soft px-1 font-medium">@{inline.name}</span>;
  }
}

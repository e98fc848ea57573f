import type { Change, Row } from "./message-reader";
import type { PendingChange, Quote, Reaction, TimelineItem } from "./model";
import { compareIds } from "./stream/events";

const QUOTE_CHARS = 160;

/** Rows and the changes that others and oneself made to them; what a tab shows is made of both. */
export class Composition {
  #rows = new Map<string, Row>();
  /** By the message that they change; they may come before it does. */
  #changes = new Map<string, Map<string, Change>>();
  #targets = new Map<string, string>();
  #repliesTo = new Map<string, Set<string>>();

  keys = (): IterableIterator<string> => this.#rows.keys();
  row = (key: string): Row | undefined => this.#rows.get(key);
  change = (key: string): Change | undefined => this.#changes.get(this.#targets.get(key) ?? "")?.get(key);

  /** Adds or replaces a row; gives the keys of what looks different now. */
  setRow(row: Row): string[] {
    const { key } = row.item;
    this.#rows.set(key, row);
    if (row.reply !== undefined) {
      const replies = this.#repliesTo.get(row.reply) ?? new Set();
      this.#repliesTo.set(row.reply, replies.add(key));
    }
    return this.#touched(key);
  }

  setChange(change: Change): string[] {
    const { target } = change.content;
    const changes = this.#changes.get(target) ?? new Map<string, Change>();
    this.#changes.set(target, changes.set(change.key, change));
    this.#targets.set(change.key, target);
    return this.#touched(target);
  }

  /** Takes out a row or a change. */
  remove(key: string): string[] {
    const target = this.#targets.get(key);
    if (target === undefined) {
      const reply = this.#rows.get(key)?.reply;
      if (reply !== undefined) this.#repliesTo.get(reply)?.delete(key);
      this.#rows.delete(key);
      return this.#touched(key);
    }
    this.#targets.delete(key);
    this.#changes.get(target)?.delete(key);
    return this.#touched(target);
  }

  /** Keeps only what the server does not know yet. */
  keepPending(): void {
    const rows = [...this.#rows.values()].filter(({ item }) => item.id === undefined);
    const changes = [...this.#changes.values()].flatMap((some) =>
      [...some.values()].filter(({ id }) => id === undefined),
    );
    this.#rows.clear();
    this.#changes.clear();
    this.#targets.clear();
    this.#repliesTo.clear();
    for (const row of rows) this.setRow(row);
    for (const change of changes) this.setChange(change);
  }

  /** A row with everything that changed it; undefined when the row is not here. */
  shown(key: string): TimelineItem | undefined {
    const row = this.#rows.get(key);
    if (!row) return undefined;
    const { item, reply } = row;
    if (item.body.kind !== "text") return item;
    const changes = this.#inOrder(key);
    // Only the author changes a text; anybody reacts.
    const own = changes.filter(({ sender }) => sender === item.sender);
    const edit = own.findLast(({ content }) => content.kind === "edit");
    const deleted = own.some(({ content }) => content.kind === "delete");
    const pending = pendingOf(changes);
    const rest = pending.length > 0 ? { ...item, pending } : item;
    if (deleted) return { ...rest, body: { kind: "deleted" } };
    const reactions = reactionsOf(changes);
    const text = edit?.content.kind === "edit" ? edit.content : item.body;
    return {
      ...rest,
      body: {
        kind: "text",
        text: text.text,
        mentions: text.mentions,
        ...(item.body.files ? { files: item.body.files } : {}),
        ...(edit ? { editedAt: edit.at } : {}),
        ...(reply === undefined ? {} : { quote: this.#quote(reply) }),
      },
      ...(reactions.length > 0 ? { reactions } : {}),
    };
  }

  #quote(key: string): Quote {
    const shown = this.shown(key);
    if (!shown) return { key };
    const { senderName, body } = shown;
    if (body.kind !== "text") return { key, senderName };
    return { key, senderName, text: (body.text || body.files?.[0]?.name || "").slice(0, QUOTE_CHARS) };
  }

  #inOrder(key: string): Change[] {
    const changes = [...(this.#changes.get(key)?.values() ?? [])];
    return changes.toSorted((a, b) => {
      if (a.id === undefined || b.id === undefined)
        return Number(a.id === undefined) - Number(b.id === undefined) || a.at - b.at;
      return compareIds(a.id, b.id);
    });
  }

  #touched(key: string): string[] {
    return [key, ...(this.#repliesTo.get(key) ?? [])];
  }
}

/** The last word of each person about each emoji counts. */
function reactionsOf(changes: Change[]): Reaction[] {
  const byEmoji = new Map<string, Map<string, Change>>();
  for (const change of changes) {
    if (change.content.kind !== "react") continue;
    const { emoji, off } = change.content;
    const people = byEmoji.get(emoji) ?? new Map<string, Change>();
    byEmoji.set(emoji, people);
    if (off) people.delete(change.sender);
    else people.set(change.sender, change);
  }
  return [...byEmoji].flatMap(([emoji, people]) => {
    const those = [...people.values()];
    if (those.length === 0) return [];
    return { emoji, names: those.map(({ senderName }) => senderName), mine: those.some(({ mine }) => mine) };
  });
}

const pendingOf = (changes: Change[]): PendingChange[] =>
  changes.flatMap(({ key, id, content, delivery }) =>
    id === undefined && delivery ? { key, kind: content.kind, delivery } : [],
  );

import { api } from "../api/client";
import type { Envelope } from "../api/types";
import type { Reading } from "./message-reader";
import type { Unread } from "./model";
import type { Store } from "./store/db";
import { compareIds } from "./stream/events";

/** How far back a catch-up counts; a list shows no more than “99+”. */
const CATCH_UP_MAX = 200;

const LOOK_AGAIN_MS = 2_000;

interface Counted {
  readUpTo: string | undefined;
  news: { id: string; mention: boolean }[];
}

export interface UnreadDeps {
  store: Store;
  me: string;
  read: (envelope: Envelope) => Promise<Reading>;
  /** How far the own other devices have read, by room. */
  told: () => Promise<Map<string, string>>;
  announce: (roomId: string, unread: Unread) => void;
}

/** What nobody has read yet on this device, nor on another one of the account that told of it, by room. */
export class UnreadCounts {
  #deps: UnreadDeps;
  #rooms = new Map<string, Counted>();
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(deps: UnreadDeps) {
    this.#deps = deps;
  }

  all(): Record<string, Unread> {
    return Object.fromEntries([...this.#rooms].map(([roomId, counted]) => [roomId, unreadOf(counted)]));
  }

  /**
   * Counts what came while nobody listened. On a device that has read nothing yet everything is old; later, a room that
   * it does not know is new, such as a conversation that somebody began meanwhile.
   */
  async catchUp(roomIds: string[], head: string): Promise<void> {
    const rooms = await Promise.all(roomIds.map((roomId) => this.#room(roomId)));
    const isNewDevice = rooms.every(({ readUpTo }) => readUpTo === undefined);
    await this.adopt();
    const counted = new Map<string, string | undefined>();
    for (const [at, roomId] of roomIds.entries()) {
      const readUpTo = rooms[at]?.readUpTo;
      if (isNewDevice && readUpTo === undefined) await this.markRead(roomId, head);
      else {
        const end = await this.#countAfter(roomId, readUpTo).catch(() => undefined);
        if (end && !end.full) counted.set(roomId, end.id);
      }
      this.#announce(roomId);
    }
    // The archive trails the stream: what was accepted a moment ago may not have been there yet.
    clearTimeout(this.#again);
    if (!this.#stopped) this.#again = setTimeout(() => void this.#countOn(counted), LOOK_AGAIN_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
  }

  /** Takes over how far the other devices have read. */
  async adopt(): Promise<void> {
    const told = await this.#deps.told().catch(() => new Map<string, string>());
    for (const [roomId, id] of told) await this.markRead(roomId, id);
  }

  async add(envelope: Envelope, reading: Reading): Promise<void> {
    const { room_id: roomId, id, sender } = envelope;
    // Whoever writes has read, on whatever device.
    if (sender === this.#deps.me) return this.markRead(roomId, id);
    const counted = await this.#room(roomId);
    const old = counted.readUpTo !== undefined && compareIds(id, counted.readUpTo) <= 0;
    if (reading.kind === "change" || old || counted.news.some((one) => one.id === id)) return;
    counted.news.push({ id, mention: reading.row.item.mentionsMe ?? false });
    this.#announce(roomId);
  }

  async markRead(roomId: string, id: string): Promise<void> {
    const counted = await this.#room(roomId);
    if (counted.readUpTo !== undefined && compareIds(id, counted.readUpTo) <= 0) return;
    counted.readUpTo = id;
    counted.news = counted.news.filter((one) => compareIds(one.id, id) > 0);
    this.#announce(roomId);
    await this.#deps.store.meta.put(metaKey(roomId), id);
  }

  /** Known ids mean nothing any more. */
  async reset(head: string): Promise<void> {
    for (const roomId of this.#rooms.keys()) {
      this.#rooms.set(roomId, { readUpTo: undefined, news: [] });
      await this.markRead(roomId, head);
    }
  }

  /** Goes on where each room's count ended, whatever came live since. */
  async #countOn(counted: Map<string, string | undefined>): Promise<void> {
    for (const [roomId, end] of counted) {
      if (this.#stopped) return;
      await this.#countAfter(roomId, end).catch(() => undefined);
    }
  }

  /** Counts a page; gives where it ended, and whether there may be more. */
  async #countAfter(roomId: string, after: string | undefined): Promise<{ id: string | undefined; full: boolean }> {
    const from = after === undefined ? {} : { after };
    const page = await api.messages(roomId, { ...from, order: "oldest_first", limit: CATCH_UP_MAX });
    for (const envelope of page.items) await this.add(envelope, await this.#deps.read(envelope));
    return {
      id: page.items.at(-1)?.id ?? after,
      full: Boolean(page.next_cursor) || page.items.length === CATCH_UP_MAX,
    };
  }

  async #room(roomId: string): Promise<Counted> {
    const known = this.#rooms.get(roomId);
    if (known) return known;
    const readUpTo = await this.#deps.store.meta.get<string>(metaKey(roomId));
    const counted = this.#rooms.get(roomId) ?? { readUpTo, news: [] };
    this.#rooms.set(roomId, counted);
    return counted;
  }

  #announce(roomId: string): void {
    const counted = this.#rooms.get(roomId);
    if (counted) this.#deps.announce(roomId, unreadOf(counted));
  }
}

const metaKey = (roomId: string): string => `read:${roomId}`;

const unreadOf = ({ readUpTo, news }: Counted): Unread => ({
  count: news.length,
  mentions: news.filter(({ mention }) => mention).length,
  readUpTo,
  newest: news.at(-1)?.id,
});

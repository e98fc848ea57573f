import { api } from "../api/client";
import { ApiError } from "../api/problems";
import type { Envelope, MessagePage } from "../api/types";
import { keyOf } from "./message-reader";
import type { TimelineChange, TimelineItem, TimelineStatus } from "./model";
import type { Store } from "./store/db";
import { compareIds } from "./stream/events";

const PAGE = 50;
const CATCH_UP_PAGE = 200;
const CATCH_UP_TRIES = 30;
const CATCH_UP_WAIT_MS = 500;
const FLUSH_MS = 20;
/** Older messages leave the window when live ones pass this number; scrolling up loads them again. */
const WINDOW_MAX = 5_000;

export interface TimelineDeps {
  store: Store;
  read: (envelope: Envelope) => Promise<TimelineItem>;
  push: (change: TimelineChange) => void;
  /** The newest message that the stream announced. */
  head: () => string | undefined;
  /** An own message is in the window. */
  onOwn: (envelope: Envelope) => void;
}

/** One room's window of messages: contiguous from the oldest loaded to the newest. */
export class Timeline {
  readonly roomId: string;
  #deps: TimelineDeps;
  #envelopes = new Map<string, Envelope>();
  #items = new Map<string, TimelineItem>();
  #hasOlder = false;
  #status: TimelineStatus = { state: "loading" };
  #loading: Promise<void> | undefined;
  #older: Promise<void> | undefined;
  #dirty = new Set<string>();
  #removed = new Set<string>();
  #flush: ReturnType<typeof setTimeout> | undefined;

  constructor(roomId: string, deps: TimelineDeps) {
    this.roomId = roomId;
    this.#deps = deps;
  }

  /** Shows what there is to the tabs, and loads when that has not happened or failed. */
  async open(): Promise<void> {
    this.#push(true);
    if (this.#status.state !== "ready") await this.load();
  }

  /** Loads the newest page, and what the archive does not hold yet. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  loadOlder(): Promise<void> {
    this.#older ??= this.#loadOlder().finally(() => (this.#older = undefined));
    return this.#older;
  }

  /** Adds a message of the stream; it is stored already. */
  live = (envelope: Envelope): Promise<void> => this.#add([envelope]);

  /** Fetches what the stream left out. */
  async fillGap(upTo: string): Promise<void> {
    await this.#loading;
    await this.#catchUp(upTo, undefined);
  }

  /** Known ids mean nothing any more. */
  async reset(): Promise<void> {
    const pending = [...this.#items.values()].filter((item) => item.id === undefined);
    this.#envelopes.clear();
    this.#items = new Map(pending.map((item) => [item.key, item]));
    this.#status = { state: "loading" };
    this.#push(true);
    await this.load();
  }

  /** Reads again what could not be read: a key or a certificate may have arrived. */
  async reread(): Promise<void> {
    const closed = [...this.#envelopes].filter(([key]) => {
      const body = this.#items.get(key)?.body;
      return body?.kind === "unreadable" && (body.reason === "no_key" || body.reason === "waiting");
    });
    await this.#read(closed.map(([, envelope]) => envelope));
    this.#schedule();
  }

  /** Shows an own message that is not accepted yet, or another state of one. */
  show(item: TimelineItem): void {
    if (this.#envelopes.has(item.key)) return;
    this.#items.set(item.key, item);
    this.#touch(item.key);
  }

  hide(key: string): void {
    if (this.#envelopes.has(key) || !this.#items.delete(key)) return;
    this.#removed.add(key);
    this.#schedule();
  }

  markLogged(key: string): void {
    const item = this.#items.get(key);
    if (!item?.mine) return;
    this.#items.set(key, { ...item, delivery: { state: "logged" } });
    this.#touch(key);
  }

  /** The sender's newest message in the window, whose hash the next one carries. */
  newestOf(sender: string): Envelope | undefined {
    let newest: Envelope | undefined;
    for (const envelope of this.#envelopes.values()) {
      if (envelope.sender === sender && (!newest || compareIds(envelope.id, newest.id) > 0)) newest = envelope;
    }
    return newest;
  }

  async #load(): Promise<void> {
    this.#setStatus({ state: "loading" });
    const cached = await this.#deps.store.messages.newest(this.roomId, PAGE);
    if (this.#envelopes.size === 0) await this.#add(cached);
    try {
      const page = await api.messages(this.roomId, { order: "newest_first", limit: PAGE });
      this.#dropDetached(page);
      this.#hasOlder = this.#hasOlder || Boolean(page.next_cursor) || page.items.length === PAGE;
      await this.#store(page);
      const head = this.#deps.head();
      if (head) await this.#catchUp(head, page);
      this.#setStatus({ state: "ready" });
      void this.#deps.store.messages.trim(this.roomId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#setStatus(this.#envelopes.size > 0 ? { state: "ready" } : { state: "failed", message: error.message });
    }
  }

  async #loadOlder(): Promise<void> {
    const before = this.#edge(-1)?.id;
    if (!this.#hasOlder || !before) return;
    const page = await api.messages(this.roomId, { before, order: "newest_first", limit: PAGE });
    this.#hasOlder = page.items.length > 0 && (Boolean(page.next_cursor) || page.items.length === PAGE);
    await this.#store(page);
    this.#schedule();
  }

  /** The archive trails the stream by moments: asks until it holds everything up to `head`. */
  async #catchUp(head: string, first: MessagePage | undefined): Promise<void> {
    let stored = first?.stored_up_to ?? "0-0";
    for (let tries = 0; tries < CATCH_UP_TRIES && compareIds(stored, head) < 0; tries++) {
      if (tries > 0 || first) await new Promise((resolve) => setTimeout(resolve, CATCH_UP_WAIT_MS));
      const page = await this.#after(this.#edge(1)?.id);
      stored = page.stored_up_to ?? "0-0";
      await this.#store(page);
      // A full page means that there is more at once, whatever is stored.
      if (page.items.length === CATCH_UP_PAGE) stored = "0-0";
    }
  }

  #after(id: string | undefined): Promise<MessagePage> {
    const from = id === undefined ? {} : { after: id };
    return api.messages(this.roomId, { ...from, order: "oldest_first", limit: CATCH_UP_PAGE });
  }

  async #store(page: MessagePage): Promise<void> {
    await this.#deps.store.messages.put(page.items);
    await this.#add(page.items);
  }

  /** Cached messages that do not touch the newest page would leave a silent hole. */
  #dropDetached(page: MessagePage): void {
    const ids = new Set(page.items.map(({ id }) => id));
    const oldest = page.items.at(-1)?.id;
    if (!oldest || page.items.length < PAGE || [...this.#envelopes.values()].some(({ id }) => ids.has(id))) return;
    for (const [key, envelope] of this.#envelopes) if (compareIds(envelope.id, oldest) < 0) this.#drop(key);
  }

  async #add(envelopes: Envelope[]): Promise<void> {
    const fresh = envelopes.filter((envelope) => !this.#envelopes.has(keyOf(envelope)));
    for (const envelope of fresh) this.#envelopes.set(keyOf(envelope), envelope);
    await this.#read(fresh);
    this.#trimWindow();
  }

  async #read(envelopes: Envelope[]): Promise<void> {
    const items = await Promise.all(envelopes.map((envelope) => this.#deps.read(envelope)));
    for (const [at, item] of items.entries()) {
      if (!this.#envelopes.has(item.key)) continue;
      this.#items.set(item.key, item);
      this.#touch(item.key);
      if (item.mine) this.#deps.onOwn(envelopes[at] as Envelope);
    }
  }

  #trimWindow(): void {
    if (this.#envelopes.size <= WINDOW_MAX || this.#older) return;
    const byAge = [...this.#envelopes].toSorted(([, a], [, b]) => compareIds(a.id, b.id));
    for (const [key] of byAge.slice(0, this.#envelopes.size - WINDOW_MAX)) this.#drop(key);
    this.#hasOlder = true;
  }

  #drop(key: string): void {
    this.#envelopes.delete(key);
    this.#items.delete(key);
    this.#dirty.delete(key);
    this.#removed.add(key);
    this.#schedule();
  }

  #edge(direction: 1 | -1): Envelope | undefined {
    let edge: Envelope | undefined;
    for (const envelope of this.#envelopes.values()) {
      if (!edge || compareIds(envelope.id, edge.id) * direction > 0) edge = envelope;
    }
    return edge;
  }

  #setStatus(status: TimelineStatus): void {
    this.#status = status;
    this.#schedule();
  }

  #touch(key: string): void {
    this.#removed.delete(key);
    this.#dirty.add(key);
    this.#schedule();
  }

  /** Many changes travel as one. */
  #schedule(): void {
    this.#flush ??= setTimeout(() => this.#push(false), FLUSH_MS);
  }

  #push(reset: boolean): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const keys = reset ? [...this.#items.keys()] : [...this.#dirty];
    const upserts = keys.flatMap((key) => this.#items.get(key) ?? []);
    const removed = [...this.#removed];
    this.#dirty.clear();
    this.#removed.clear();
    this.#deps.push({ roomId: this.roomId, reset, upserts, removed, hasOlder: this.#hasOlder, status: this.#status });
  }
}

import { api } from "../api/client";
import { ApiError } from "../api/problems";
import type { Envelope, MessagePage } from "../api/types";
import { Composition } from "./compose";
import type { FileRef } from "./crypto/content";
import { type Reading, keyOf } from "./message-reader";
import type { JumpTo, TimelineChange, TimelineItem, TimelineStatus } from "./model";
import type { Store } from "./store/db";
import { compareIds } from "./stream/events";

const PAGE = 50;
const CATCH_UP_PAGE = 200;
/** A first screen of fewer rows than this asks for more: a page may hold nothing but reactions. */
const ROWS_MIN = 20;
const JUMP_PAGES_MAX = 50;
const CATCH_UP_TRIES = 30;
const CATCH_UP_WAIT_MS = 500;
/** An archive that is away for longer is asked now and then, while the room is shown as it is. */
const CATCH_UP_LATER_TRIES = 60;
const CATCH_UP_LATER_MS = 10_000;
const FLUSH_MS = 20;
/** Why a message may open later: a key, a certificate or somebody's word about a key was missing. */
const HEALING: ReadonlySet<string> = new Set(["no_key", "waiting", "sender_key_changed"]);
/** Older messages leave the window when live ones pass this number, some at a time; scrolling up loads them again. */
const WINDOW_MAX = 5_000;
const WINDOW_SLACK = 500;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const isAway = (error: unknown) => error instanceof ApiError && error.failure !== "refused";
/** Pages are cut by size as well as by number. */
const hasMore = (page: MessagePage, limit: number) => Boolean(page.next_cursor) || page.items.length === limit;

/** How far a late archive was read, by which window. */
interface Reached {
  generation: number;
  after: string | undefined;
}

export interface TimelineDeps {
  store: Store;
  read: (envelope: Envelope) => Promise<Reading>;
  push: (change: TimelineChange) => void;
  /** The newest message that the stream announced. */
  head: () => string | undefined;
  /** An own message is in the window. */
  onOwn: (envelope: Envelope) => void;
  /** A row came, or changed: what this device can search follows. */
  onShown: (roomId: string, item: TimelineItem) => void;
}

/** One room's window of messages: contiguous from the oldest loaded to the newest. */
export class Timeline {
  readonly roomId: string;
  #deps: TimelineDeps;
  #envelopes = new Map<string, Envelope>();
  /** What only this device kept, while no page of the archive has shown what lies around it. */
  #cached = new Set<string>();
  /** Counts resets: what was asked before one is of no use behind it. */
  #generation = 0;
  #composition = new Composition();
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
    if (this.#loading) return this.#loading;
    const loading = this.#load().finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    return (this.#loading = loading);
  }

  loadOlder(): Promise<void> {
    this.#older ??= this.#loadOlder(PAGE).finally(() => (this.#older = undefined));
    return this.#older;
  }

  /** Loads back until a message is in the window; gives its key, or undefined when the past does not hold it. */
  async jump(to: JumpTo): Promise<string | undefined> {
    // What only this device kept may begin later than the past does.
    if (this.#status.state !== "ready") await this.#loading;
    for (let pages = 0; pages < JUMP_PAGES_MAX; pages++) {
      const found = this.#find(to);
      if (found.key !== undefined || found.done || !this.#hasOlder) return found.key;
      await this.#older;
      this.#older = this.#loadOlder(CATCH_UP_PAGE).finally(() => (this.#older = undefined));
      await this.#older;
    }
    return this.#find(to).key;
  }

  /** Adds a message of the stream; it is stored already. */
  live = (envelope: Envelope): Promise<void> => this.#add([envelope]);

  /** Fetches what the stream left out. */
  async fillGap({ after, upTo }: { after: string; upTo: string }): Promise<void> {
    await this.#loading;
    const oldest = this.#edge(-1)?.id;
    await this.#catchUp(upTo, oldest && compareIds(oldest, after) > 0 ? oldest : after);
  }

  /** Known ids mean nothing any more. */
  async reset(): Promise<void> {
    this.#generation++;
    this.#loading = undefined;
    this.#envelopes.clear();
    this.#cached.clear();
    this.#hasOlder = false;
    this.#composition.keepPending();
    this.#status = { state: "loading" };
    this.#push(true);
    await this.load();
  }

  /** Reads again what could not be read: a key or a certificate may have arrived. */
  async reread(): Promise<void> {
    const closed = [...this.#envelopes].filter(([key]) => {
      const body = this.#composition.row(key)?.item.body;
      return body?.kind === "unreadable" && HEALING.has(body.reason);
    });
    await this.#read(closed.map(([, envelope]) => envelope));
    this.#schedule();
  }

  /** Shows an own message that is not accepted yet, or another state of one. */
  show(reading: Reading): void {
    const key = reading.kind === "row" ? reading.row.item.key : reading.change.key;
    if (!this.#envelopes.has(key)) this.#set(reading);
  }

  hide(key: string): void {
    if (this.#envelopes.has(key)) return;
    const isRow = this.#composition.row(key) !== undefined;
    for (const touched of this.#composition.remove(key)) this.#touch(touched);
    if (isRow) this.#removed.add(key);
  }

  markLogged(key: string): void {
    const row = this.#composition.row(key);
    if (!row?.item.mine) return;
    this.#set({ kind: "row", row: { ...row, item: { ...row.item, delivery: { state: "logged" } } } });
  }

  envelope = (key: string): Envelope | undefined => this.#envelopes.get(key);

  /** A file of a message in the window, with what opens it. */
  fileOf = (key: string, fileId: string): FileRef | undefined =>
    this.#composition.row(key)?.files?.find(({ id }) => id === fileId);

  /** The sender's newest message in the window, whose hash the next one carries. */
  newestOf(sender: string): Envelope | undefined {
    let newest: Envelope | undefined;
    for (const envelope of this.#envelopes.values()) {
      if (envelope.sender === sender && (!newest || compareIds(envelope.id, newest.id) > 0)) newest = envelope;
    }
    return newest;
  }

  async #load(): Promise<void> {
    const generation = this.#generation;
    const isOld = () => generation !== this.#generation;
    if (this.#status.state !== "ready") this.#setStatus({ state: "loading" });
    const asked = api.messages(this.roomId, { order: "newest_first", limit: PAGE });
    asked.catch(() => undefined);
    if (this.#envelopes.size === 0) {
      const cached = await this.#deps.store.messages.newest(this.roomId, PAGE);
      if (isOld()) return;
      for (const envelope of cached) this.#cached.add(keyOf(envelope));
      await this.#add(cached);
    }
    try {
      const page = await asked;
      if (isOld()) return;
      this.#dropDetached(page);
      this.#hasOlder = this.#hasOlder || hasMore(page, PAGE);
      await this.#store(page);
      const head = this.#deps.head();
      // What only this device kept, and what came live meanwhile, may lie beyond a hole: from the archive's own end on.
      if (head && compareIds(page.stored_up_to ?? "0-0", head) < 0) await this.#catchUp(head, page.items[0]?.id);
      if (isOld()) return;
      for (let pages = 0; pages < 4 && this.#hasOlder && this.#rowCount() < ROWS_MIN; pages++) await this.loadOlder();
      if (isOld()) return;
      this.#setStatus({ state: "ready" });
      void this.#deps.store.messages.trim(this.roomId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isOld()) return;
      this.#setStatus(
        this.#envelopes.size > 0 ? { state: "ready" } : { state: "failed", message: error.message, code: error.code },
      );
      if (isAway(error)) void this.#loadLater(generation).catch(() => undefined);
    }
  }

  async #loadLater(generation: number): Promise<void> {
    await wait(CATCH_UP_LATER_MS);
    if (generation === this.#generation) await this.load();
  }

  async #loadOlder(limit: number): Promise<void> {
    const before = this.#edge(-1)?.id;
    if (!this.#hasOlder || !before) return;
    const generation = this.#generation;
    const page = await api.messages(this.roomId, { before, order: "newest_first", limit });
    if (generation !== this.#generation) return;
    this.#hasOlder = page.items.length > 0 && hasMore(page, limit);
    await this.#store(page);
    this.#schedule();
  }

  /** The archive trails the stream by moments: reads on from a message until it holds everything up to `head`. */
  async #catchUp(head: string, after: string | undefined): Promise<void> {
    const late = await this.#readOn(head, { generation: this.#generation, after }, CATCH_UP_TRIES);
    if (late) void this.#catchUpLater(head, late).catch(() => undefined);
  }

  async #catchUpLater(head: string, late: Reached): Promise<void> {
    let reached: Reached | undefined = late;
    for (let tries = 0; reached && tries < CATCH_UP_LATER_TRIES; tries++) {
      await wait(CATCH_UP_LATER_MS);
      reached = await this.#readOn(head, reached, 0);
    }
  }

  /** Waits for a late archive so many times; gives where it then stands, nothing when there is no more to read. */
  async #readOn(head: string, { generation, after }: Reached, waits: number): Promise<Reached | undefined> {
    try {
      while (generation === this.#generation) {
        const page = await this.#after(after);
        if (generation !== this.#generation) break;
        await this.#store(page);
        after = page.items.at(-1)?.id ?? after;
        if (hasMore(page, CATCH_UP_PAGE)) continue;
        if (compareIds(page.stored_up_to ?? "0-0", head) >= 0) break;
        if (waits-- === 0) return { generation, after };
        await wait(CATCH_UP_WAIT_MS);
      }
      return undefined;
    } catch (error) {
      if (!isAway(error)) throw error;
      return { generation, after };
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

  /**
   * The window has no holes. What was loaded before stays when the newest page touches it; of what only this device
   * kept nobody knows whether something is missing in between.
   */
  #dropDetached(page: MessagePage): void {
    const cached = new Set(this.#cached);
    this.#cached.clear();
    const ids = new Set(page.items.map(({ id }) => id));
    const oldest = page.items.at(-1)?.id;
    if (!oldest || !hasMore(page, PAGE)) return;
    const touches = [...this.#envelopes].some(([key, { id }]) => ids.has(id) && !cached.has(key));
    for (const [key, envelope] of this.#envelopes) {
      if (compareIds(envelope.id, oldest) < 0 && (cached.has(key) || !touches)) this.#drop(key);
    }
  }

  async #add(envelopes: Envelope[]): Promise<void> {
    const fresh = envelopes.filter((envelope) => !this.#envelopes.has(keyOf(envelope)));
    for (const envelope of fresh) this.#envelopes.set(keyOf(envelope), envelope);
    await this.#read(fresh);
    this.#trimWindow();
  }

  async #read(envelopes: Envelope[]): Promise<void> {
    const readings = await Promise.all(envelopes.map((envelope) => this.#deps.read(envelope)));
    for (const [at, reading] of readings.entries()) {
      const envelope = envelopes[at] as Envelope;
      if (!this.#envelopes.has(keyOf(envelope))) continue;
      this.#set(reading);
      if (reading.kind === "change" ? reading.change.mine : reading.row.item.mine) this.#deps.onOwn(envelope);
    }
  }

  #set(reading: Reading): void {
    const touched =
      reading.kind === "row" ? this.#composition.setRow(reading.row) : this.#composition.setChange(reading.change);
    for (const key of touched) this.#touch(key);
  }

  #rowCount(): number {
    let rows = 0;
    for (const key of this.#composition.keys()) if (this.#envelopes.has(key)) rows++;
    return rows;
  }

  /** What a jump means in the window; `done` when it lies between the oldest loaded and the newest. */
  #find(to: JumpTo): { key?: string; done: boolean } {
    if ("key" in to) return this.#composition.row(to.key) ? { key: to.key, done: true } : { done: false };
    const rows = [...this.#envelopes].flatMap(([key, envelope]) =>
      this.#composition.row(key) ? { key, envelope } : [],
    );
    const inOrder = rows.toSorted((a, b) => compareIds(a.envelope.id, b.envelope.id));
    const isAfter = (envelope: Envelope) =>
      "id" in to ? compareIds(envelope.id, to.id) >= 0 : Date.parse(envelope.accepted_at) >= to.at;
    const first = inOrder.findIndex(({ envelope }) => isAfter(envelope));
    // The very first of the window may have older ones that fit better.
    if (first === 0 && this.#hasOlder) return { done: false };
    const key = inOrder[first]?.key;
    return key === undefined ? { done: true } : { key, done: true };
  }

  #trimWindow(): void {
    if (this.#envelopes.size <= WINDOW_MAX + WINDOW_SLACK || this.#older) return;
    const byAge = [...this.#envelopes].toSorted(([, a], [, b]) => compareIds(a.id, b.id));
    for (const [key] of byAge.slice(0, this.#envelopes.size - WINDOW_MAX)) this.#drop(key);
    this.#hasOlder = true;
  }

  #drop(key: string): void {
    this.#envelopes.delete(key);
    const isRow = this.#composition.row(key) !== undefined;
    for (const touched of this.#composition.remove(key)) this.#touch(touched);
    if (isRow) this.#removed.add(key);
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
    const keys = reset ? this.#composition.keys() : this.#dirty;
    const upserts: TimelineItem[] = [];
    for (const key of keys) {
      const item = this.#composition.shown(key);
      if (!item) continue;
      upserts.push(item);
      this.#deps.onShown(this.roomId, item);
    }
    const removed = [...this.#removed];
    this.#dirty.clear();
    this.#removed.clear();
    this.#deps.push({ roomId: this.roomId, reset, upserts, removed, hasOlder: this.#hasOlder, status: this.#status });
  }
}

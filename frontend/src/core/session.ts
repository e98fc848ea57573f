import { api, setServerTime } from "../api/client";
import type { Envelope } from "../api/types";
import { AuditLog } from "./audit-log";
import type { ComplianceCertificate } from "./compliance";
import { Directory } from "./directory";
import type { Content } from "./crypto/content";
import type { Files } from "./files";
import type { Identity } from "./identity";
import { openLocal, sealLocal } from "./crypto/local";
import { MessageReader, type Reading, keyOf } from "./message-reader";
import type { JumpTo, KeyChange, LogState, PresenceEntry, Proven, Push, SearchResult, TimelineItem } from "./model";
import { Outbox, check } from "./outbox";
import type { ReadMarkers } from "./read-markers";
import { Receipts } from "./receipts";
import { People } from "./people";
import { Pins } from "./pins";
import type { RoomAdmin } from "./room-admin";
import { Rooms } from "./rooms";
import type { Moved } from "./roster";
import type { SearchIndex } from "./search";
import type { Store } from "./store/db";
import type { StreamEvent } from "./stream/events";
import { compareIds } from "./stream/events";
import { type Connection, StreamReader } from "./stream/reader";
import { Timeline } from "./timeline";
import { UnreadCounts } from "./unread";

const TYPING_EVERY_MS = 3_000;
/** The archive trails the stream by much less. */
const LOOK_AGAIN_MS = [1_000, 5_000];
const SETTLE_SPREAD_MS = 4_000;
const REFRESH_MIN_MS = 60_000;
const REFRESH_MAX_MS = 12 * 3_600_000;

export interface SessionDeps {
  identity: Identity;
  store: Store;
  compliance: ComplianceCertificate;
  announce: (push: Push) => void;
  onConnection: (connection: Connection) => void;
  onLog: (state: LogState) => void;
  onKeyChanges: (changes: KeyChange[]) => void;
}

/** Everything that lives while a person is signed in with open keys. */
export class Session {
  readonly identity: Identity;
  readonly rooms: Rooms;
  readonly outbox: Outbox;
  readonly people: People;
  readonly pins: Pins;
  readonly unread: UnreadCounts;
  readonly presence = new Map<string, PresenceEntry>();
  #deps: SessionDeps;
  #directory: Directory;
  #log: AuditLog;
  #receipts: Receipts;
  #reader: MessageReader;
  #stream: StreamReader;
  #timelines = new Map<string, Timeline>();
  #admin: Promise<RoomAdmin> | undefined;
  #files: Promise<Files> | undefined;
  #index: Promise<SearchIndex> | undefined;
  #markers: Promise<ReadMarkers> | undefined;
  #stopped = false;
  /** What a live message turned out to be, for everybody who asks while it is handled. */
  #fresh = new Map<string, Promise<Reading>>();
  #settling = new Map<string, ReturnType<typeof setTimeout>>();
  #moved = new Map<string, Moved[]>();
  #head: string | undefined;
  #keyChanges: KeyChange[] = [];
  #lastTyping = new Map<string, number>();
  #refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: SessionDeps) {
    const { identity, store, compliance } = deps;
    this.#deps = deps;
    this.identity = identity;
    this.pins = new Pins(store, () => void this.#onPins());
    const directory = new Directory(this.pins);
    this.#directory = directory;
    this.rooms = new Rooms(identity, directory, store);
    this.people = new People(identity, directory, this.pins, store);
    this.#log = new AuditLog(store, deps.onLog);
    this.#receipts = new Receipts(this.#log, (envelope) =>
      this.#timelines.get(envelope.room_id)?.markLogged(keyOf(envelope)),
    );
    this.#reader = new MessageReader(identity, this.rooms, directory, compliance, (...told) => this.#log.heed(...told));
    this.outbox = new Outbox({
      store,
      identity,
      compliance,
      rooms: this.rooms,
      log: this.#log,
      guard: (roomId) => this.#guard(roomId),
      newestOwn: (roomId) => this.#timelines.get(roomId)?.newestOf(identity.userId),
      show: (roomId, reading) => this.#timelines.get(roomId)?.show(reading),
      hide: (roomId, key) => this.#timelines.get(roomId)?.hide(key),
      onAccepted: (envelope) => this.#keep(envelope),
    });
    this.unread = new UnreadCounts({
      store,
      me: identity.userId,
      read: (envelope) => this.#read(envelope),
      told: async () => (await this.#readMarkers()).all(),
      announce: (roomId, unread) => deps.announce({ push: "unread", roomId, unread }),
    });
    this.#stream = new StreamReader({
      fetch: (url, init) => fetch(url, init),
      onEvent: (event) => this.#onEvent(event),
      onConnection: (connection) => deps.onConnection(connection),
      isOnline: () => navigator.onLine,
    });
  }

  async start(): Promise<void> {
    this.#stream.start();
    this.#scheduleRefresh(this.identity.expiresAt);
    await this.#showKeyChanges();
    if (!this.#stopped) await this.outbox.restore();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#settling.values()) clearTimeout(timer);
    void this.#index?.then((index) => index.stop());
    void this.#files?.then((files) => files.stop());
    this.#stream.stop();
    this.#receipts.stop();
    this.#log.stop();
    this.outbox.stop();
    this.unread.stop();
    void this.#markers?.then((markers) => markers.stop());
    clearTimeout(this.#refresh);
    this.#deps.store.close();
  }

  async openRoom(roomId: string): Promise<void> {
    let timeline = this.#timelines.get(roomId);
    if (!timeline) {
      timeline = this.#makeTimeline(roomId);
      this.#timelines.set(roomId, timeline);
      this.outbox.showAll(roomId);
    }
    await timeline.open();
    this.#settleSoon(roomId);
  }

  /** Encrypting files and fetching them: loaded when it is needed. */
  files(): Promise<Files> {
    this.#files ??= import("./files").then(({ Files }) => new Files(this.#deps.announce));
    return this.#files;
  }

  async send(roomId: string, content: Content, uploads?: string[]): Promise<void> {
    // Whatever comes with files need not say anything.
    check(uploads?.length ? ({ ...content, files: [] } as Content) : content);
    const files = uploads?.length ? await (await this.files()).finish(uploads) : undefined;
    await this.outbox.enqueue(roomId, files ? ({ ...content, files } as Content) : content);
  }

  async prove(roomId: string, key: string): Promise<Proven> {
    const envelope = this.#timelines.get(roomId)?.envelope(key);
    const proven = envelope && (await this.#log.prove(envelope));
    if (!proven) throw new Error("The audit log has no proof for this message that holds.");
    return proven;
  }

  async openFile(roomId: string, key: string, fileId: string, ticket: string): Promise<Blob> {
    const file = this.#timelines.get(roomId)?.fileOf(key, fileId);
    if (!file) throw new Error("The message that holds this file is not loaded.");
    return (await this.files()).open(roomId, file, ticket);
  }

  /** Making rooms, letting people in, changing keys: loaded when it is needed. */
  admin(): Promise<RoomAdmin> {
    this.#admin ??= import("./room-admin").then(
      ({ RoomAdmin }) => new RoomAdmin(this.identity, this.#directory, this.rooms),
    );
    return this.#admin;
  }

  async jump(roomId: string, to: JumpTo): Promise<string | undefined> {
    return this.#timelines.get(roomId)?.jump(to);
  }

  witnesses = (): Promise<string[]> => this.#log.witnesses();
  setWitnesses = (vkeys: string[]): Promise<void> => this.#log.setWitnesses(vkeys);

  /** Notes what this person has looked at; with `share`, the other devices hear of it. */
  async markRead(roomId: string, id: string, share: boolean): Promise<void> {
    await this.unread.markRead(roomId, id);
    if (share && !this.#stopped) (await this.#readMarkers()).share(roomId, id);
  }

  async search(words: string, roomId: string | undefined): Promise<SearchResult> {
    return (await this.#searchIndex()).search(words, roomId);
  }

  /** What was being written in a room when its tab went away. */
  async draft(roomId: string): Promise<string> {
    const sealed = await this.#deps.store.drafts.get(roomId);
    return (sealed && (await openLocal<string>(sealed, this.identity.localKey))) ?? "";
  }

  async saveDraft(roomId: string, text: string): Promise<void> {
    const { drafts } = this.#deps.store;
    if (text.trim()) await drafts.put(roomId, await sealLocal(text, this.identity.localKey));
    else await drafts.remove(roomId);
  }

  loadOlder = async (roomId: string): Promise<void> => this.#timelines.get(roomId)?.loadOlder();

  /** Says at most every few seconds that this person writes; nobody is told when it fails. */
  async typing(roomId: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#lastTyping.get(roomId) ?? 0) < TYPING_EVERY_MS) return;
    this.#lastTyping.set(roomId, now);
    await api.typing(roomId).catch(() => undefined);
  }

  wake(immediately: boolean): void {
    this.#stream.kick(immediately);
    this.outbox.wake();
  }

  /** A room's keys changed: what was closed may open now. */
  async keysChanged(roomId: string): Promise<void> {
    this.rooms.forget(roomId);
    await this.#timelines.get(roomId)?.reread();
  }

  /**
   * After joining, the stream brings what comes next, and the archive holds what is older than a moment; what was
   * written within that moment is there when one looks again.
   */
  lookAgain(roomId: string): void {
    for (const waitMs of LOOK_AGAIN_MS) {
      const look = () => void (this.#stopped || this.#timelines.get(roomId)?.load());
      setTimeout(look, waitMs);
    }
  }

  async #showKeyChanges(): Promise<void> {
    this.#keyChanges = await this.people.changes().catch(() => this.#keyChanges);
    if (!this.#stopped) this.#deps.onKeyChanges(this.#keyChanges);
  }

  /** Another key came or was settled: what was refused may open now. */
  async #onPins(): Promise<void> {
    await this.#showKeyChanges();
    this.#directory.forget();
    for (const [roomId, timeline] of this.#timelines) {
      this.rooms.forget(roomId);
      void timeline.reread();
    }
  }

  /** Throws a sentence for people where nothing may be sent until a changed key is settled. */
  async #guard(roomId: string): Promise<void> {
    const changed = new Set(this.#keyChanges.flatMap(({ userId, verified }) => (verified ? [userId] : [])));
    if (changed.size === 0) return;
    const { membersOf } = await import("./room-admin");
    if ((await membersOf(roomId)).some(({ user_id }) => changed.has(user_id)))
      throw new Error("Not sent: somebody here whose key you had compared has another key now.");
  }

  #makeTimeline(roomId: string): Timeline {
    return new Timeline(roomId, {
      store: this.#deps.store,
      read: (envelope) => this.#read(envelope),
      push: (change) => this.#deps.announce({ push: "timeline", change }),
      head: () => this.#head,
      onOwn: (envelope) => {
        this.#receipts.add(envelope);
        void this.outbox.confirm(envelope);
      },
      onShown: (roomId, item) => this.#toIndex(roomId, item),
    });
  }

  #read(envelope: Envelope): Promise<Reading> {
    return this.#fresh.get(keyOf(envelope)) ?? this.#reader.read(envelope);
  }

  #searchIndex(): Promise<SearchIndex> {
    this.#index ??= import("./search").then(({ SearchIndex }) =>
      SearchIndex.open(this.#deps.store, this.identity.localKey),
    );
    return this.#index;
  }

  #readMarkers(): Promise<ReadMarkers> {
    this.#markers ??= import("./read-markers").then(({ ReadMarkers }) => new ReadMarkers(this.identity.key));
    return this.#markers;
  }

  #toIndex(roomId: string, item: TimelineItem): void {
    if (this.#stopped || item.id === undefined) return;
    void this.#searchIndex().then((index) => this.#stopped || index.put(roomId, item));
  }

  /** Whoever left can read on until the key changes: an admin who is here changes it. */
  #settleSoon(roomId: string): void {
    if (this.#settling.has(roomId)) return;
    const settle = async () => {
      this.#settling.delete(roomId);
      const moved = this.#moved.get(roomId) ?? [];
      this.#moved.delete(roomId);
      const { settle } = await import("./roster");
      if (!this.#stopped) await settle(roomId, this.#deps.store, () => this.admin(), moved);
    };
    // Not all admins at once.
    const timer = setTimeout(() => void settle().catch(() => undefined), 500 + Math.random() * SETTLE_SPREAD_MS);
    this.#settling.set(roomId, timer);
  }

  async #onEvent(event: StreamEvent): Promise<void> {
    switch (event.name) {
      case "hello":
        return this.#onHello(event.data);
      case "message":
        return this.#onMessage(event.data);
      case "gap":
        this.#advanceHead(event.data.up_to);
        void this.unread.catchUp([...this.#timelines.keys()], event.data.up_to);
        for (const timeline of this.#timelines.values())
          void timeline.fillGap({ after: event.data.after, upTo: event.data.up_to }).catch(() => undefined);
        return undefined;
      case "reset":
        this.#head = event.data.head;
        await this.#deps.store.messages.clear();
        await this.#deps.store.logged.clear();
        await this.unread.reset(event.data.head);
        for (const timeline of this.#timelines.values()) void timeline.reset();
        return undefined;
      case "presence":
        return this.#onPresence([
          { userId: event.data.user_id, online: event.data.state === "online", at: event.data.at },
        ]);
      case "typing":
        void this.#onTyping(event.data.user_id, event.data.room_id);
        return undefined;
      case "room":
        return this.#onRoom(event.data.room_id, event.data.change, event.data.user_id ?? undefined);
      case "read":
        return this.#onRead(event.data);
      case "checkpoint":
        return this.#receipts.advance(event.data.covers);
      case "revoke":
      case "drain":
        return undefined;
    }
  }

  async #onHello(hello: { head: string; resume: string; rooms: string[]; server_time: string }): Promise<void> {
    setServerTime(hello.server_time);
    this.#advanceHead(hello.head);
    this.outbox.wake();
    void this.#loadPresence();
    void this.#loadCheckpoint();
    void this.people.lookAfter().catch(() => undefined);
    void (hello.resume === "exact" ? this.unread.adopt() : this.unread.catchUp(hello.rooms, hello.head));
    for (const timeline of this.#timelines.values()) {
      if (hello.resume === "fresh") void timeline.load();
      void timeline.reread();
    }
  }

  /** Store, then announce: a tab that opens later reads the store. */
  async #onMessage(envelope: Envelope): Promise<void> {
    this.#advanceHead(envelope.id);
    const key = keyOf(envelope);
    const reading = this.#reader.read(envelope);
    this.#fresh.set(key, reading);
    try {
      await this.#keep(envelope);
      const read = await reading;
      await this.unread.add(envelope, read);
      if (read.kind === "row") this.#toIndex(envelope.room_id, read.row.item);
    } finally {
      this.#fresh.delete(key);
    }
  }

  async #keep(envelope: Envelope): Promise<void> {
    await this.#deps.store.messages.put([envelope]);
    await this.#timelines.get(envelope.room_id)?.live(envelope);
  }

  async #onRoom(roomId: string, change: string, userId: string | undefined): Promise<void> {
    const mine = userId === undefined || userId === this.identity.userId;
    if (change === "epoch" || (change === "grant" && mine)) await this.keysChanged(roomId);
    if (change === "grant" && userId === this.identity.userId) this.lookAgain(roomId);
    if (change === "members") void this.#onMoved(roomId, userId);
    if (change === "request") this.#settleSoon(roomId);
    this.#deps.announce({ push: "room", roomId, change });
  }

  /** Another device of this account has read on. */
  async #onRead({ room_id, sealed }: { room_id: string; sealed: string }): Promise<void> {
    const id = await (await this.#readMarkers()).open(room_id, sealed);
    if (id !== undefined) await this.unread.markRead(room_id, id);
  }

  /** Somebody came or went while this key was in use. */
  async #onMoved(roomId: string, userId: string | undefined): Promise<void> {
    const open = await this.rooms.keys(roomId).catch(() => undefined);
    if (open && userId !== undefined) {
      this.#moved.set(roomId, [...(this.#moved.get(roomId) ?? []), { userId, epoch: open.epoch }]);
    }
    this.#settleSoon(roomId);
  }

  async #onTyping(userId: string, roomId: string): Promise<void> {
    if (userId === this.identity.userId) return;
    const username = await this.#directory.nameOf(userId);
    if (username !== undefined) this.#deps.announce({ push: "typing", userId, username, roomId });
  }

  #onPresence(entries: PresenceEntry[]): void {
    for (const entry of entries) this.presence.set(entry.userId, entry);
    this.#deps.announce({ push: "presence", entries });
  }

  async #loadPresence(): Promise<void> {
    const rows = await api.presence().catch(() => []);
    this.#onPresence(rows.map((row) => ({ userId: row.user_id, online: row.state === "online", at: row.last_seen })));
  }

  async #loadCheckpoint(): Promise<void> {
    // Unreachable is not broken: the next proof tries again.
    const checkpoint = await this.#log.look().catch(() => undefined);
    if (checkpoint?.covers) this.#receipts.advance(checkpoint.covers);
  }

  #advanceHead(id: string): void {
    if (!this.#head || compareIds(id, this.#head) > 0) this.#head = id;
  }

  /** Renews the session at half of its remaining life. */
  #scheduleRefresh(expiresAt: number): void {
    const waitMs = Math.min(REFRESH_MAX_MS, Math.max(REFRESH_MIN_MS, (expiresAt - Date.now()) / 2));
    this.#refresh = setTimeout(() => {
      api.refresh().then(
        ({ session }) => {
          this.#scheduleRefresh(Date.parse(session.expires_at));
          // The next compliance key is announced a week ahead: a window that stays open sees it as well.
          void this.#deps.compliance.refresh().catch(() => undefined);
        },
        () => this.#scheduleRefresh(expiresAt),
      );
    }, waitMs);
  }
}

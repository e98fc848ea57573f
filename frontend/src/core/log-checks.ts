import { api } from "../api/client";
import { ApiError } from "../api/problems";
import type { Checkpoint, Envelope } from "../api/types";
import { HEAD, type Head } from "./audit-log";
import type { SeenCheckpoint } from "./crypto/context";
import { messageLeaf, provesBefore, rootBefore, verifyConsistency, verifyInclusion } from "./crypto/merkle";
import { verifyCheckpoint } from "./crypto/note";
import { type Octets, equal, fromBase64, toBase64, utf8 } from "./crypto/octets";
import type { LogState, Proven } from "./model";
import type { Store } from "./store/db";

interface Tree {
  size: number;
  root: Octets;
}

/** What a sender has signed to have seen; `ahead` counts how often the server had nothing as long. */
interface Told {
  cp: SeenCheckpoint;
  name: string;
  ahead: number;
}

const witnessing = () => import("./witnesses");

const VKEY = "log-vkey";
const WITNESSES = "log-witnesses";
/** Asked again after these before a roll-back is believed: another edge or a replica may be a moment behind. */
const AGAIN_MS = [1_000, 3_000, 6_000];
/**
 * One sender's checkpoint is compared in each turn, and of each sender the largest that waits. A sample is enough: trees
 * that were split once stay apart, because whoever is shown the other one checks that it only grows, and signs a root
 * of it with every message from then on.
 */
const TURN_MS = 10_000;
const TOLD_MAX = 64;
const KNOWN_MAX = 512;
/** After so many turns in which the server's newest log is shorter than a sender's, it is an alarm. */
const AHEAD_MAX = 3;
const ROOT_OCTETS = 16;

/** The log contradicts itself, what this client sent, or what the sender `who` saw. */
class LogBroken extends Error {
  constructor(
    why: string,
    readonly who?: string,
  ) {
    super(why);
  }
}

/** Witnesses that this device requires have not cosigned a checkpoint. */
class Unwitnessed extends Error {
  constructor(readonly missing: string[]) {
    super("Witnesses that this device requires have not cosigned the audit log.");
  }
}

/** What the audit log must be: it may only grow, must hold what was accepted, and is the same for everybody. */
export class LogChecks {
  #store: Store;
  #state: LogState = { state: "unchecked" };
  #onState: (state: LogState) => void;
  /** The largest tree that was verified, cosigned or not. */
  #top: Tree | undefined;
  /** What is known of this log's earlier roots, by size. */
  #known = new Map<number, Octets>();
  #told = new Map<string, Told>();
  #turn: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(store: Store, onState: (state: LogState) => void) {
    this.#store = store;
    this.#onState = onState;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#turn);
  }

  /** Asks for the newest checkpoint, and checks that it extends the newest one that this device has verified. */
  async look(): Promise<Checkpoint | undefined> {
    const required = await this.witnesses();
    try {
      const checkpoint = await this.#newest(required.length > 0);
      await this.#advance(checkpoint);
      return checkpoint;
    } catch (error) {
      // Witnesses have cosigned nothing yet.
      const none = required.length > 0 && error instanceof ApiError && error.status === 404;
      this.#note(none ? new Unwitnessed(required.map((await witnessing()).nameOf)) : error);
      return undefined;
    }
  }

  /** The keys of the witnesses without whose cosignature no checkpoint counts here. */
  witnesses = async (): Promise<string[]> => (await this.#store.meta.get<string[]>(WITNESSES)) ?? [];

  /** What was proven under other terms is proven again. */
  async setWitnesses(vkeys: string[]): Promise<void> {
    await this.#store.meta.put(WITNESSES, await (await witnessing()).checkedKeys(vkeys));
    await this.#store.logged.clear();
    await this.look();
  }

  /** Fetches and checks the proof that the log holds a message; gives what was proven, nothing when it does not hold. */
  async prove(envelope: Envelope): Promise<Proven | undefined> {
    const known = await this.#store.logged.get(envelope.id);
    if (known) return known;
    const required = await this.witnesses();
    const proof = await api.proof(envelope.id, undefined, required.length > 0);
    try {
      const root = await this.#advance(proof.checkpoint);
      const leaf = await leafOf(envelope);
      if (!equal(leaf, utf8(proof.leaf))) throw new LogBroken("it recorded a message differently from how it was sent");
      const path = proof.path.map(fromBase64);
      if (!(await verifyInclusion(leaf, proof.leaf_index, proof.checkpoint.size, path, root))) {
        throw new LogBroken("its proof for an accepted message does not hold");
      }
    } catch (error) {
      this.#note(error);
      return undefined;
    }
    const { size, root } = proof.checkpoint;
    const names = required.length > 0 ? { witnesses: required.map((await witnessing()).nameOf) } : {};
    const proven = { leafIndex: proof.leaf_index, size, root, steps: proof.path.length, ...names, at: Date.now() };
    await this.#store.logged.add(envelope.id, proven);
    return proven;
  }

  /** Sees to it that what a sender saw is compared with this log. Of 0 and 1 entries there is nothing to compare. */
  heed(cp: SeenCheckpoint, sender: string, name: string): void {
    if (cp.size < 2 || this.#stopped || this.#state.state === "broken") return;
    const waits = this.#told.get(sender);
    if (this.#isKnown(cp) || (this.#told.size >= TOLD_MAX && !waits)) return;
    // Messages are not read in the order in which they were written: of what a sender saw, the largest vouches for the rest.
    if (waits && waits.cp.size >= cp.size) return;
    // How often the server was behind counts on: a sender who goes on writing must not keep the alarm away.
    this.#told.set(sender, { cp, name, ahead: waits?.ahead ?? 0 });
    this.#turn ??= setTimeout(() => void this.#compareNext(), 0);
  }

  async #compareNext(): Promise<void> {
    for (const [sender, { cp }] of this.#told) if (this.#isKnown(cp)) this.#told.delete(sender);
    const [sender, told] = this.#told.entries().next().value ?? [];
    this.#turn = undefined;
    if (sender === undefined || !told || this.#state.state === "broken") return;
    // Until the turn is over, another one must not begin.
    this.#turn = setTimeout(() => undefined, TURN_MS);
    try {
      const done = await this.#compareWith(told);
      const latest = this.#told.get(sender);
      if (done && latest === told) this.#told.delete(sender);
      else if (latest) latest.ahead = done ? 0 : told.ahead + 1;
    } catch (error) {
      try {
        this.#note(error);
      } catch {
        // The server cannot answer, or will not: later, when the others had their turns.
        const waits = this.#told.get(sender);
        this.#told.delete(sender);
        if (waits) this.#told.set(sender, waits);
      }
    }
    if (this.#stopped) return;
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => void this.#compareNext(), TURN_MS);
  }

  /** Throws when a sender saw another log; false while the server shows none as long. */
  async #compareWith({ cp: { size, root }, name, ahead }: Told): Promise<boolean> {
    let top = this.#top ?? (await this.#head());
    if (!top || (top.size !== size && !provesBefore(size, top.size))) {
      // A server that says that there is no log shows one of no entries.
      const checkpoint = await this.#newest(false).catch(unlessDenied);
      // Where witnesses are required, this is only looked at: nothing else counts as checked by it.
      if (checkpoint && (await this.witnesses()).length > 0) await this.#verify(checkpoint);
      else if (checkpoint) await this.#advance(checkpoint);
      top = this.#top;
    }
    if (!top || top.size < size) {
      if (ahead + 1 >= AHEAD_MAX)
        throw new LogBroken("it was rolled back or split: {who} was shown more of it than this device is", name);
      return false;
    }
    if (top.size === size) {
      this.#know(top);
    } else if (!this.#known.has(size)) {
      const from = provesBefore(size, top.size);
      // One entry more than a power of two: nothing proves that root until the log grows. The next message tells again.
      if (from === undefined) return true;
      const before = await rootBefore(size, top, await this.#path(from, top.size));
      if (!before) throw new LogBroken("it is not an extension of the log seen before");
      this.#know({ size, root: before });
    }
    if (!equal(this.#known.get(size) as Octets, root))
      throw new LogBroken("it has two faces: {who} was shown another one than this device", name);
    return true;
  }

  #isKnown({ size, root }: SeenCheckpoint): boolean {
    const known = this.#known.get(size);
    return known !== undefined && equal(known, root);
  }

  #know({ size, root }: Tree): void {
    if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value as number);
    this.#known.set(size, root.slice(0, ROOT_OCTETS));
  }

  async #head(): Promise<Tree | undefined> {
    const head = await this.#store.meta.get<Head>(HEAD);
    return head && { size: head.size, root: fromBase64(head.root) };
  }

  /** The newest checkpoint, or the newest one with cosignatures, unchecked. The former never becomes smaller. */
  async #newest(witnessed: boolean): Promise<Checkpoint> {
    const head = await this.#head();
    if (!head || witnessed) return api.checkpoint(witnessed);
    return this.#insist(async () => {
      const checkpoint = await api.checkpoint();
      return checkpoint.size < head.size ? undefined : checkpoint;
    });
  }

  async #path(from: number, to: number): Promise<Octets[]> {
    return (await this.#insist(() => api.consistency(from, to))).path.map(fromBase64);
  }

  /** Asks for what there must be, because this device has seen it; the alarm when the server goes on having it not. */
  async #insist<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (let at = 0; ; at++) {
      const answer = await ask().catch(unlessDenied);
      if (answer !== undefined) return answer;
      const waitMs = AGAIN_MS[at];
      if (waitMs === undefined) throw new LogBroken("it was rolled back: entries that this device has seen are gone");
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** As `#verify`, with the cosignatures that are required; gives the root. */
  async #advance(checkpoint: Checkpoint): Promise<Octets> {
    const { size, root } = await this.#verify(checkpoint);
    const required = await this.witnesses();
    const missing = required.length > 0 ? await (await witnessing()).missingOf(checkpoint, required) : [];
    if (missing.length > 0) throw new Unwitnessed(missing);
    const head = await this.#head();
    if (!head || size > head.size) await this.#store.meta.put(HEAD, { size, root: checkpoint.root });
    this.#set({
      state: "consistent",
      size: Math.max(size, head?.size ?? 0),
      witnesses: required.length,
    });
    return root;
  }

  /** Verifies a checkpoint's signature, and that it and the newest one verified before are of one log that only grew. */
  async #verify(checkpoint: Checkpoint): Promise<Tree> {
    const vkey = (await this.#store.meta.get<string>(VKEY)) ?? checkpoint.vkey;
    const verified = await verifyCheckpoint(checkpoint.note, vkey);
    if (!verified || verified.size !== checkpoint.size || toBase64(verified.root) !== checkpoint.root) {
      throw new LogBroken("its checkpoint is not signed by the key that this device knows");
    }
    await this.#store.meta.put(VKEY, vkey);
    const head = await this.#head();
    if (head && head.size > 0) await this.#compare(head, verified);
    if (this.#top && this.#top.size > (head?.size ?? 0)) await this.#compare(this.#top, verified);
    if (verified.size >= (this.#top?.size ?? 0)) this.#top = verified;
    this.#know(verified);
    return verified;
  }

  async #compare(known: Tree, other: Tree): Promise<void> {
    const [from, to] = known.size <= other.size ? [known, other] : [other, known];
    const path = from.size === to.size ? [] : await this.#path(from.size, to.size);
    if (!(await verifyConsistency(from, to, path)))
      throw new LogBroken("it is not an extension of the log seen before");
  }

  /** Says what a failed check means; anything else goes on. */
  #note(error: unknown): void {
    if (error instanceof Unwitnessed) this.#set({ state: "unwitnessed", missing: error.missing });
    else if (error instanceof LogBroken)
      this.#set({ state: "broken", why: error.message, ...(error.who === undefined ? {} : { who: error.who }) });
    else throw error;
  }

  #set(state: LogState): void {
    // A request may come back to somebody else's session.
    if (this.#stopped || this.#state.state === "broken") return;
    this.#state = state;
    this.#onState(state);
  }
}

/** The server says that there is no such thing; that the session has ended or that it is too busy is another matter. */
const isDenial = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.failure === "refused" &&
  error.status < 500 &&
  ![401, 403, 429].includes(error.status);

const unlessDenied = (error: unknown): undefined => {
  if (!isDenial(error)) throw error;
};

const leafOf = (envelope: Envelope): Promise<Octets> =>
  messageLeaf({
    id: envelope.id,
    room: envelope.room_id,
    epoch: envelope.epoch,
    cid: envelope.cid,
    sender: envelope.sender,
    senderFp: envelope.sender_fp,
    acceptedAtMs: Date.parse(envelope.accepted_at),
    env: fromBase64(envelope.env),
    sig: fromBase64(envelope.sig),
  });

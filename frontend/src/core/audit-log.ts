import { api } from "../api/client";
import type { Checkpoint, Envelope } from "../api/types";
import { ApiError } from "../api/problems";
import { type SeenCheckpoint, noCheckpoint } from "./crypto/context";
import { type Octets, equal, fromBase64, toBase64, utf8 } from "./crypto/octets";
import type { LogState, Proven } from "./model";
import type { Store } from "./store/db";

interface Head {
  size: number;
  root: string;
}

/** Loaded with the first checkpoint: nobody waits for it. */
const witnessing = () => import("./witnesses");
const merkle = () => import("./crypto/merkle");
const note = () => import("./crypto/note");

const HEAD = "log-head";
const VKEY = "log-vkey";
const WITNESSES = "log-witnesses";

/** The log contradicts itself or what this client sent. */
class LogBroken extends Error {}

/** Witnesses that this device requires have not cosigned a checkpoint. */
class Unwitnessed extends Error {
  constructor(readonly missing: string[]) {
    super("Witnesses that this device requires have not cosigned the audit log.");
  }
}

/** This client's view of the audit log: it may only grow, and must hold what was accepted. */
export class AuditLog {
  #store: Store;
  #seen: SeenCheckpoint | undefined;
  #state: LogState = { state: "unchecked" };
  #onState: (state: LogState) => void;

  constructor(store: Store, onState: (state: LogState) => void) {
    this.#store = store;
    this.#onState = onState;
  }

  /** What goes into the signed context of the next message. */
  seen = async (): Promise<SeenCheckpoint> => this.#seen ?? noCheckpoint();

  /** Notes a checkpoint that the stream announced. */
  noteSeen(size: number, root: string): void {
    const octets = fromBase64(root);
    if (octets.length === 32 && size >= (this.#seen?.size ?? 0)) this.#seen = { size, root: octets.slice(0, 16) };
  }

  /** Asks for the newest checkpoint, and checks that it extends the newest one that this device has verified. */
  async look(): Promise<Checkpoint | undefined> {
    const required = await this.witnesses();
    try {
      const checkpoint = await api.checkpoint(required.length > 0);
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
      const { verifyInclusion } = await merkle();
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

  /** Verifies a checkpoint's signature and that it extends the last one; gives its root. */
  async #advance(checkpoint: Checkpoint): Promise<Octets> {
    const vkey = (await this.#store.meta.get<string>(VKEY)) ?? checkpoint.vkey;
    const { verifyCheckpoint } = await note();
    const verified = await verifyCheckpoint(checkpoint.note, vkey);
    if (!verified || verified.size !== checkpoint.size || toBase64(verified.root) !== checkpoint.root) {
      throw new LogBroken("its checkpoint is not signed by the key that this device knows");
    }
    await this.#store.meta.put(VKEY, vkey);
    const required = await this.witnesses();
    const missing = required.length > 0 ? await (await witnessing()).missingOf(checkpoint, required) : [];
    if (missing.length > 0) throw new Unwitnessed(missing);
    const head = await this.#store.meta.get<Head>(HEAD);
    if (head && head.size > 0) await this.#compare(head, { size: verified.size, root: verified.root });
    if (!head || verified.size > head.size)
      await this.#store.meta.put(HEAD, { size: verified.size, root: checkpoint.root });
    this.noteSeen(verified.size, checkpoint.root);
    this.#set({
      state: "consistent",
      size: Math.max(verified.size, head?.size ?? 0),
      witnesses: required.length,
    });
    return verified.root;
  }

  async #compare(head: Head, other: { size: number; root: Octets }): Promise<void> {
    const known = { size: head.size, root: fromBase64(head.root) };
    const [from, to] = known.size <= other.size ? [known, other] : [other, known];
    const path = from.size === to.size ? [] : (await api.consistency(from.size, to.size)).path.map(fromBase64);
    const { verifyConsistency } = await merkle();
    if (!(await verifyConsistency(from, to, path)))
      throw new LogBroken("it is not an extension of the log seen before");
  }

  /** Says what a failed check means; anything else goes on. */
  #note(error: unknown): void {
    if (error instanceof Unwitnessed) this.#set({ state: "unwitnessed", missing: error.missing });
    else if (error instanceof LogBroken) this.#set({ state: "broken", why: error.message });
    else throw error;
  }

  #set(state: LogState): void {
    if (this.#state.state === "broken") return;
    this.#state = state;
    this.#onState(state);
  }
}

const leafOf = async (envelope: Envelope): Promise<Octets> =>
  (await merkle()).messageLeaf({
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

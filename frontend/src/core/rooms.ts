import { api } from "../api/client";
import type { Key } from "openpgp/lightweight";
import type { Epoch, Grant } from "../api/types";
import {
  type EpochRecord,
  EpochRefused,
  type GrantRecord,
  type RoomKey,
  acceptGrant,
  checkEpoch,
} from "./crypto/epoch";
import { fromBase64 } from "./crypto/octets";
import type { Directory } from "./directory";
import type { Identity } from "./identity";
import type { Store } from "./store/db";

/** A room with the keys that this person holds. */
export interface OpenRoom {
  roomId: string;
  /** The current epoch; its key may be missing. */
  epoch: number;
  openedAt: string;
  /** The fingerprint of the current epoch's certificate, which the next one names. */
  fingerprint: string;
  keys: Map<number, RoomKey>;
}

/** Room keys that this person holds. A server that goes back to an older key is refused. */
export class Rooms {
  #identity: Identity;
  #directory: Directory;
  #store: Store;
  #open = new Map<string, Promise<OpenRoom>>();

  constructor(identity: Identity, directory: Directory, store: Store) {
    this.#identity = identity;
    this.#store = store;
    this.#directory = directory;
  }

  /** The room's keys, from memory when they were read before. */
  async keys(roomId: string): Promise<OpenRoom> {
    let open = this.#open.get(roomId);
    if (!open) {
      open = this.#load(roomId);
      this.#open.set(roomId, open);
      open.catch(() => this.#open.delete(roomId));
    }
    return open;
  }

  /** Reads them again at the next use. */
  forget(roomId: string): void {
    this.#open.delete(roomId);
  }

  /** The key to write with; throws a sentence for people when this person holds none. */
  async currentKey(roomId: string): Promise<RoomKey> {
    const { keys, epoch } = await this.keys(roomId);
    const key = keys.get(epoch);
    if (!key) throw new Error("You do not hold this room's key yet, so you cannot write here.");
    return key;
  }

  async #load(roomId: string): Promise<OpenRoom> {
    const { room, epochs, grants } = await api.room(roomId);
    const opened = epochs.map(async (epoch) => {
      const grant = grants.find((candidate) => candidate.epoch === epoch.epoch);
      const key = grant && (await this.#openEpoch(roomId, epoch, grant));
      return key ? [[epoch.epoch, key] as const] : [];
    });
    const keys = new Map((await Promise.all(opened)).flat());
    await this.#neverBack(roomId, room.epoch);
    const current = epochs.find(({ epoch }) => epoch === room.epoch);
    return {
      roomId,
      epoch: room.epoch,
      openedAt: current?.opened_at ?? "",
      fingerprint: current?.fingerprint ?? "",
      keys,
    };
  }

  /** Somebody removed holds the older key: what is written with it would still be theirs to read. */
  async #neverBack(roomId: string, epoch: number): Promise<void> {
    const newest = (await this.#store.meta.get<number>(`epoch:${roomId}`)) ?? 0;
    if (epoch < newest) throw new Error("The server offers an older key of this room than this device has seen.");
    if (epoch > newest) await this.#store.meta.put(`epoch:${roomId}`, epoch);
  }

  /** Undefined when the epoch or the grant does not check out: its messages then stay closed, and say so. */
  async #openEpoch(roomId: string, epoch: Epoch, grant: Grant): Promise<RoomKey | undefined> {
    const record = recordOf(roomId, epoch);
    try {
      await checkEpoch(record, await this.certificate(epoch.opener_fp, epoch.opened_by));
      const granter = await this.certificate(grant.granter_fp, grant.granted_by);
      return await acceptGrant(record, grantOf(grant), granter, this.#identity.key);
    } catch (error) {
      if (error instanceof EpochRefused) return undefined;
      throw error;
    }
  }

  /** A certificate that was current when something was signed; throws `EpochRefused` when it does not check out. */
  async certificate(fingerprint: string, userId: string): Promise<Key> {
    const found = await this.#directory.byFingerprint(fingerprint, userId);
    if (!found.ok) throw new EpochRefused(REFUSALS[found.refusal]);
    return found.person.key;
  }
}

export const REFUSALS = {
  sender_unknown: "The server has no valid certificate for this person.",
  sender_key_changed: "This person's key is not the one that this device has seen before.",
};

export const recordOf = (room: string, epoch: Epoch): EpochRecord => ({
  room,
  epoch: epoch.epoch,
  certFp: epoch.fingerprint,
  cert: fromBase64(epoch.cert),
  blob: fromBase64(epoch.blob),
  prevFp: epoch.prev_fp ?? undefined,
  sig: fromBase64(epoch.sig),
  openedAt: new Date(epoch.opened_at),
});

const grantOf = (grant: Grant): GrantRecord => ({
  to: grant.to,
  toFp: grant.to_fp,
  pkesk: fromBase64(grant.pkesk),
  sig: fromBase64(grant.sig),
  grantedAt: new Date(grant.granted_at),
});

import { api, serverNow } from "../api/client";
import type { Admission, Epoch, Grant, NewGrant, RoomKind } from "../api/types";
import type { Key } from "openpgp/lightweight";
import { fromInviteSecret } from "./crypto/derive";
import {
  type EpochRecord,
  EpochRefused,
  type GrantRecord,
  type RoomKey,
  acceptGrant,
  checkEpoch,
  makeGrant,
  openEpoch,
  openWithBlobKey,
} from "./crypto/epoch";
import { type InviteLink, inviteLinkText, lockForInvite, unlockInvite } from "./crypto/invite";
import { fromBase64, fromHex, toBase64 } from "./crypto/octets";
import type { Directory } from "./directory";
import type { Identity } from "./identity";
import { uuidv7 } from "./uuid";

/** A room with the keys that this person holds. */
export interface OpenRoom {
  roomId: string;
  /** The current epoch; its key may be missing. */
  epoch: number;
  keys: Map<number, RoomKey>;
}

/** Room keys: opening grants, making rooms and links, and letting people in. */
export class Rooms {
  #identity: Identity;
  #directory: Directory;
  #open = new Map<string, Promise<OpenRoom>>();

  constructor(identity: Identity, directory: Directory) {
    this.#identity = identity;
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

  async create(form: { name: string; kind: RoomKind; admission: Admission }): Promise<{ roomId: string }> {
    const { userId, key: me } = this.#identity;
    const roomId = uuidv7();
    const now = serverNow();
    const { key, cert, sig } = await openEpoch({ room: roomId, epoch: 1, prevFp: undefined }, me, now);
    const grant = await makeGrant(roomId, key, { userId, certificate: me.toPublic() }, me, now);
    const epoch = { epoch: 1, cert: toBase64(cert), blob: toBase64(key.blob), sig: toBase64(sig) };
    await api.createRoom({ room_id: roomId, ...form, epoch, grant: wireGrant(grant) });
    return { roomId };
  }

  /** Registers an invite and gives its link; the secret in it never reaches the server. */
  async inviteLink(roomId: string, terms: { days: number; uses: number }, compliance: Key): Promise<string> {
    const key = await this.currentKey(roomId);
    const { secret, authHash, locked } = await lockForInvite({ room: roomId, epoch: key.epoch }, key.blobKey);
    const inviteId = uuidv7();
    await api.createInvite(roomId, {
      invite_id: inviteId,
      auth_hash: toBase64(authHash),
      locked: toBase64(locked),
      epoch: key.epoch,
      expires_at: new Date(serverNow().getTime() + terms.days * 86_400_000).toISOString(),
      uses_max: terms.uses,
    });
    const fingerprint = fromHex(compliance.getFingerprint()).slice(0, 16);
    return inviteLinkText(self.location.origin, { inviteId, secret, compliance: fingerprint });
  }

  /** Joins through a link: opens the key that it unlocks and grants it to oneself. */
  async redeem(link: InviteLink): Promise<{ roomId: string }> {
    const { auth } = await fromInviteSecret(link.secret);
    const { room, epoch, locked } = await api.redeemInvite(link.inviteId, toBase64(auth));
    const at = { room: room.room_id, epoch: epoch.epoch };
    const blobKey = await unlockInvite(link.secret, at, fromBase64(locked));
    const record = recordOf(room.room_id, epoch);
    await checkEpoch(record, await this.#certificate(epoch.opener_fp, epoch.opened_by));
    const { userId, key: me } = this.#identity;
    const roomKey = await openWithBlobKey(record, blobKey, me, serverNow());
    const grant = await makeGrant(room.room_id, roomKey, { userId, certificate: me.toPublic() }, me, serverNow());
    if (!room.granted) await api.addGrants(room.room_id, [wireGrant(grant)]);
    this.forget(room.room_id);
    return { roomId: room.room_id };
  }

  /** A person decided about a request to join; approving hands over the current key. */
  async decide(roomId: string, userId: string, approve: boolean): Promise<void> {
    if (!approve) return api.decideRequest(roomId, userId, { approve });
    const key = await this.currentKey(roomId);
    const found = await this.#directory.byUser(userId);
    if (!found.ok) throw new Error(REFUSALS[found.refusal]);
    const to = { userId, certificate: found.person.key };
    const grant = await makeGrant(roomId, key, to, this.#identity.key, serverNow());
    return api.decideRequest(roomId, userId, { approve, grants: [wireGrant(grant)] });
  }

  async #load(roomId: string): Promise<OpenRoom> {
    const { room, epochs, grants } = await api.room(roomId);
    const keys = new Map<number, RoomKey>();
    for (const epoch of epochs) {
      const grant = grants.find((candidate) => candidate.epoch === epoch.epoch);
      if (!grant) continue;
      const key = await this.#openEpoch(roomId, epoch, grant);
      if (key) keys.set(epoch.epoch, key);
    }
    return { roomId, epoch: room.epoch, keys };
  }

  /** Undefined when the epoch or the grant does not check out: its messages then stay closed, and say so. */
  async #openEpoch(roomId: string, epoch: Epoch, grant: Grant): Promise<RoomKey | undefined> {
    const record = recordOf(roomId, epoch);
    try {
      await checkEpoch(record, await this.#certificate(epoch.opener_fp, epoch.opened_by));
      const granter = await this.#certificate(grant.granter_fp, grant.granted_by);
      return await acceptGrant(record, grantOf(grant), granter, this.#identity.key);
    } catch (error) {
      if (error instanceof EpochRefused) return undefined;
      throw error;
    }
  }

  async #certificate(fingerprint: string, userId: string): Promise<Key> {
    const found = await this.#directory.byFingerprint(fingerprint, userId);
    if (!found.ok) throw new EpochRefused(REFUSALS[found.refusal]);
    return found.person.key;
  }
}

const REFUSALS = {
  sender_unknown: "The server has no valid certificate for this person.",
  sender_key_changed: "This person's key is not the one that this device has seen before.",
};

const wireGrant = (grant: Awaited<ReturnType<typeof makeGrant>>): NewGrant => ({
  epoch: grant.epoch,
  to: grant.to,
  to_fp: grant.toFp,
  pkesk: toBase64(grant.pkesk),
  sig: toBase64(grant.sig),
});

const recordOf = (room: string, epoch: Epoch): EpochRecord => ({
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

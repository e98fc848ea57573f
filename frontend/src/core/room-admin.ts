import type { Key } from "openpgp/lightweight";
import { api, serverNow } from "../api/client";
import { ApiError } from "../api/problems";
import type { Admission, Epoch, Member, NewGrant, OlderKey, RoomKind } from "../api/types";
import { fromInviteSecret } from "./crypto/derive";
import { type RoomKey, checkEpoch, makeGrant, openEpoch, openWithBlobKey } from "./crypto/epoch";
import { type InviteLink, inviteLinkText } from "./crypto/invite";
import { type InviteLock, lockForInvite, unlockInvite } from "./crypto/invite-lock";
import { fromBase64, fromHex, toBase64 } from "./crypto/octets";
import type { Directory } from "./directory";
import type { Identity } from "./identity";
import type { Rotation } from "./model";
import { REFUSALS, type Rooms, recordOf } from "./rooms";
import { uuidv7 } from "./uuid";

const DAY_MS = 86_400_000;
const GRANTS_PER_REQUEST = 500;
/** How many older keys a link opens. */
const OLDER_KEYS_MAX = 63;
const MEMBER_PAGES_MAX = 100;
const ROTATION_TRIES = 3;

/** What is done to rooms now and then, and loaded then: making them, letting people in, changing their keys. */
export class RoomAdmin {
  #identity: Identity;
  #directory: Directory;
  #rooms: Rooms;

  constructor(identity: Identity, directory: Directory, rooms: Rooms) {
    this.#identity = identity;
    this.#directory = directory;
    this.#rooms = rooms;
  }

  async create(form: { name: string; kind: RoomKind; admission: Admission }): Promise<{ roomId: string }> {
    const { room_id, key, epoch } = await this.#firstEpoch();
    await api.createRoom({ room_id, ...form, epoch, grant: await this.#grantToMe(room_id, key) });
    return { roomId: room_id };
  }

  /** The conversation with one person: theirs and mine if there is one, else a new one whose key both hold. */
  async direct(userId: string): Promise<{ roomId: string }> {
    const { room_id, key, epoch } = await this.#firstEpoch();
    const grants = [await this.#grantToMe(room_id, key), ...(await this.#grantsTo(room_id, userId, [key]))];
    const room = await api.openDirect(userId, { room_id, epoch, grants });
    if (room.peer?.user_id !== userId)
      throw new Error("The server offers another conversation than the one asked for.");
    return { roomId: room.room_id };
  }

  /** Registers an invite and gives its link; the secret in it never reaches the server. */
  async inviteLink(roomId: string, terms: { days: number; uses: number }, compliance: Key): Promise<string> {
    const key = await this.#rooms.currentKey(roomId);
    const { secret, authHash, locked, lock } = await lockForInvite({ room: roomId, epoch: key.epoch }, key.blobKey);
    const { room } = await api.room(roomId);
    const older = room.history === "everything" ? await this.#lockOlder(roomId, key.epoch, lock) : [];
    const inviteId = uuidv7();
    await api.createInvite(roomId, {
      invite_id: inviteId,
      auth_hash: toBase64(authHash),
      locked: toBase64(locked),
      epoch: key.epoch,
      ...(older.length > 0 ? { older } : {}),
      expires_at: new Date(serverNow().getTime() + terms.days * DAY_MS).toISOString(),
      uses_max: terms.uses,
    });
    const fingerprint = fromHex(compliance.getFingerprint()).slice(0, 16);
    return inviteLinkText(self.location.origin, { inviteId, secret, compliance: fingerprint });
  }

  /** Joins through a link: opens the keys that it unlocks and grants them to oneself. */
  async redeem(link: InviteLink): Promise<{ roomId: string }> {
    const { auth } = await fromInviteSecret(link.secret);
    const { room, epoch, locked, older } = await api.redeemInvite(link.inviteId, toBase64(auth));
    const roomKey = await this.#unlock(link, room.room_id, epoch, locked);
    const grants = room.granted ? [] : [await this.#grantToMe(room.room_id, roomKey)];
    if (older) grants.push(...(await this.#unlockOlder(link, room.room_id, older)));
    if (grants.length > 0) await api.addGrants(room.room_id, grants);
    this.#rooms.forget(room.room_id);
    return { roomId: room.room_id };
  }

  async #unlock(link: InviteLink, room: string, epoch: Epoch, locked: string): Promise<RoomKey> {
    const blobKey = await unlockInvite(link.secret, { room, epoch: epoch.epoch }, fromBase64(locked));
    const record = recordOf(room, epoch);
    await checkEpoch(record, await this.#rooms.certificate(epoch.opener_fp, epoch.opened_by));
    return openWithBlobKey(record, blobKey, this.#identity.key, serverNow());
  }

  /** The keys before the current one that this person holds, newest first, for whoever follows a link. */
  async #lockOlder(roomId: string, epoch: number, lock: InviteLock): Promise<OlderKey[]> {
    const { keys } = await this.#rooms.keys(roomId);
    const older = [...keys.values()].filter((key) => key.epoch < epoch).toSorted((a, b) => b.epoch - a.epoch);
    const made = older.slice(0, OLDER_KEYS_MAX).map(async (key) => ({
      epoch: key.epoch,
      locked: toBase64(await lock({ room: roomId, epoch: key.epoch }, key.blobKey)),
    }));
    return Promise.all(made);
  }

  /** What does not check out stays closed: the newcomer reads the rest. */
  async #unlockOlder(link: InviteLink, roomId: string, older: OlderKey[]): Promise<NewGrant[]> {
    const { epochs, grants } = await api.room(roomId);
    const held = new Set(grants.map(({ epoch }) => epoch));
    const opened = older.map(async ({ epoch, locked }) => {
      const stored = held.has(epoch) ? undefined : epochs.find((one) => one.epoch === epoch);
      if (!stored) return [];
      const key = await this.#unlock(link, roomId, stored, locked).catch(() => undefined);
      return key ? [await this.#grantToMe(roomId, key)] : [];
    });
    return (await Promise.all(opened)).flat();
  }

  /** A person decided about a request to join; approving hands over the current key, or all that one holds. */
  async decide(roomId: string, userId: string, decision: { approve: boolean; history: boolean }): Promise<void> {
    if (!decision.approve) return api.decideRequest(roomId, userId, { approve: false });
    const current = await this.#rooms.currentKey(roomId);
    const keys = decision.history ? [...(await this.#rooms.keys(roomId)).keys.values()] : [current];
    const grants = await this.#grantsTo(roomId, userId, keys);
    return api.decideRequest(roomId, userId, { approve: true, grants });
  }

  /** Hands a member every key of the room that this person holds. */
  async shareHistory(roomId: string, userId: string): Promise<{ epochs: number }> {
    const { keys } = await this.#rooms.keys(roomId);
    await api.addGrants(roomId, await this.#grantsTo(roomId, userId, [...keys.values()]));
    return { epochs: keys.size };
  }

  /** Takes somebody out and changes the key, so that what follows is closed to them. */
  async remove(roomId: string, userId: string): Promise<Rotation> {
    await api.removeMember(roomId, userId);
    return this.rotate(roomId);
  }

  /**
   * Opens the next epoch for everybody who is a member now. Another admin may be first: then theirs counts. With
   * `after`, only when that is still the current epoch.
   */
  async rotate(roomId: string, after?: number): Promise<Rotation> {
    for (let tries = 1; ; tries++) {
      this.#rooms.forget(roomId);
      const before = await this.#rooms.keys(roomId);
      if (after !== undefined && before.epoch !== after) return { epoch: before.epoch, left: [] };
      try {
        return await this.#openNext(roomId, before);
      } catch (error) {
        const raced = error instanceof ApiError && (error.status === 409 || error.code === "grant-refused");
        if (!raced || tries >= ROTATION_TRIES) throw error;
        // Somebody came or went while the grants were made, or the epoch is taken: look again.
        this.#rooms.forget(roomId);
        const now = await this.#rooms.keys(roomId);
        if (now.epoch > before.epoch && now.keys.has(now.epoch)) return { epoch: now.epoch, left: [] };
      }
    }
  }

  async #firstEpoch() {
    const room_id = uuidv7();
    const at = { room: room_id, epoch: 1, prevFp: undefined };
    const { key, cert, sig } = await openEpoch(at, this.#identity.key, serverNow());
    const epoch = { epoch: 1, cert: toBase64(cert), blob: toBase64(key.blob), sig: toBase64(sig) };
    return { room_id, key, epoch };
  }

  async #openNext(roomId: string, before: { epoch: number; fingerprint: string }): Promise<Rotation> {
    const at = { room: roomId, epoch: before.epoch + 1, prevFp: before.fingerprint };
    const { key, cert, sig } = await openEpoch(at, this.#identity.key, serverNow());
    const { grants, left } = await this.#grantsToAll(roomId, key);
    const octets = { cert: toBase64(cert), blob: toBase64(key.blob), sig: toBase64(sig) };
    const epoch = { epoch: at.epoch, prev_fp: before.fingerprint, ...octets };
    await api.openEpoch(roomId, { epoch, grants: grants.slice(0, GRANTS_PER_REQUEST) });
    for (let from = GRANTS_PER_REQUEST; from < grants.length; from += GRANTS_PER_REQUEST) {
      await api.addGrants(roomId, grants.slice(from, from + GRANTS_PER_REQUEST));
    }
    this.#rooms.forget(roomId);
    return { epoch: at.epoch, left };
  }

  /** Oneself first, so that the opener can read whatever becomes of the rest. */
  async #grantsToAll(roomId: string, key: RoomKey): Promise<{ grants: NewGrant[]; left: string[] }> {
    const grants = [await this.#grantToMe(roomId, key)];
    const left: string[] = [];
    for (const member of await membersOf(roomId)) {
      if (member.user_id === this.#identity.userId) continue;
      const found = await this.#directory.byUser(member.user_id);
      if (found.ok) grants.push(...(await this.#grantsTo(roomId, member.user_id, [key])));
      else left.push(member.username);
    }
    return { grants, left };
  }

  async #grantToMe(roomId: string, key: RoomKey): Promise<NewGrant> {
    const { userId, key: me } = this.#identity;
    return wireGrant(await makeGrant(roomId, key, { userId, certificate: me.toPublic() }, me, serverNow()));
  }

  async #grantsTo(roomId: string, userId: string, keys: RoomKey[]): Promise<NewGrant[]> {
    const found = await this.#directory.byUser(userId);
    if (!found.ok) throw new Error(REFUSALS[found.refusal]);
    const to = { userId, certificate: found.person.key };
    const made = keys.map((key) => makeGrant(roomId, key, to, this.#identity.key, serverNow()));
    return (await Promise.all(made)).map(wireGrant);
  }
}

/** All members of a room. */
export async function membersOf(roomId: string): Promise<Member[]> {
  const members: Member[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MEMBER_PAGES_MAX; page++) {
    const { items, next_cursor } = await api.members(roomId, cursor);
    members.push(...items);
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return members;
}

const wireGrant = (grant: Awaited<ReturnType<typeof makeGrant>>): NewGrant => ({
  epoch: grant.epoch,
  to: grant.to,
  to_fp: grant.toFp,
  pkesk: toBase64(grant.pkesk),
  sig: toBase64(grant.sig),
});

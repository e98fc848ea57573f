import { api } from "../api/client";
import type { Room } from "../api/types";
import type { RoomAdmin } from "./room-admin";
import { membersOf } from "./room-admin";
import type { Store } from "./store/db";

/** Who was a member when this device last looked, and under which key. */
interface Roster {
  epoch: number;
  members: string[];
}

/** An account that came or went, and the key that was current then. */
export interface Moved {
  userId: string;
  epoch: number;
}

/** How many who wait are let in at one time. */
const LET_IN_MAX = 20;

/** What this client does in a room without being asked: it lets people into open ones, and changes keys. */
export async function settle(
  roomId: string,
  store: Store,
  admin: () => Promise<RoomAdmin>,
  moved: Moved[],
): Promise<void> {
  const { room } = await api.room(roomId);
  if (!room.role || !room.granted) return;
  if (room.admission === "open") await letIn(room, await admin());
  await changeKey(room, store, admin, moved);
}

/** Hands the key to whoever the server says has asked: that is what an open room is. Any member may be first. */
async function letIn({ room_id, history }: Room, admin: RoomAdmin): Promise<void> {
  for (const { user_id } of (await api.requests(room_id)).slice(0, LET_IN_MAX)) {
    await admin.decide(room_id, user_id, { approve: true, history: history === "everything" }).catch(() => undefined);
  }
}

/**
 * Changes a room's key when somebody who may hold it is no member any more. Only admins can, and only of rooms that
 * people can leave; others see nothing to do.
 */
async function changeKey(room: Room, store: Store, admin: () => Promise<RoomAdmin>, moved: Moved[]): Promise<void> {
  if (room.role !== "admin" || room.kind === "lobby") return;
  const roomId = room.room_id;
  const key = `roster:${roomId}`;
  const before = await store.meta.get<Roster>(key);
  const members = (await membersOf(roomId)).map(({ user_id }) => user_id);
  const here = new Set(members);
  const known = before?.epoch === room.epoch ? before.members : [];
  const recent = moved.flatMap(({ userId, epoch }) => (epoch === room.epoch ? [userId] : []));
  const gone = [...known, ...recent].some((userId) => !here.has(userId));
  const epoch = gone ? (await (await admin()).rotate(roomId, room.epoch)).epoch : room.epoch;
  await store.meta.put(key, { epoch, members } satisfies Roster);
}

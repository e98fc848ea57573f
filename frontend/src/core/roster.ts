import { api } from "../api/client";
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

/**
 * Changes a room's key when somebody who may hold it is no member any more. Only admins can, and only of rooms that
 * people can leave; others see nothing to do.
 */
export async function settle(
  roomId: string,
  store: Store,
  admin: () => Promise<RoomAdmin>,
  moved: Moved[],
): Promise<void> {
  const { room } = await api.room(roomId);
  if (room.role !== "admin" || room.kind === "lobby" || !room.granted) return;
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

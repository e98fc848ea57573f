import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Room } from "../../api/types";
import { core } from "../../shared/core-client";

export const roomsQuery = queryOptions({ queryKey: ["rooms"], queryFn: allRooms });

/** Which of a room's keys this person holds. */
export const roomKeysQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "keys"], queryFn: () => core.roomKeys(roomId) });

/** The rooms of the person who is signed in, as they stand on the screen. */
export const mineInOrder = (rooms: Room[]): Room[] =>
  rooms
    .filter(({ role }) => role)
    .toSorted((a, b) => lobbyFirst(a, b) || directLast(a, b) || a.name.localeCompare(b.name));

/** A direct conversation is called by the other person's name. */
async function allRooms(): Promise<Room[]> {
  const rooms = await api.rooms();
  return rooms.map((room) => (room.peer ? { ...room, name: room.peer.username } : room));
}

const lobbyFirst = (a: Room, b: Room): number => Number(b.kind === "lobby") - Number(a.kind === "lobby");
const directLast = (a: Room, b: Room): number => Number(Boolean(a.peer)) - Number(Boolean(b.peer));

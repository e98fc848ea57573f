import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Room } from "../../api/types";
import { core } from "../../shared/core-client";

export const roomsQuery = queryOptions({ queryKey: ["rooms"], queryFn: () => api.rooms() });

/** Which of a room's keys this person holds. */
export const roomKeysQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "keys"], queryFn: () => core.roomKeys(roomId) });

/** The rooms of the person who is signed in, as they stand on the screen. */
export const mineInOrder = (rooms: Room[]): Room[] =>
  rooms.filter(({ role }) => role).toSorted((a, b) => lobbyFirst(a, b) || a.name.localeCompare(b.name));

const lobbyFirst = (a: Room, b: Room): number => Number(b.kind === "lobby") - Number(a.kind === "lobby");

import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Member } from "../../api/types";
import { core } from "../../shared/core-client";

const PAGES_MAX = 10;

export const membersQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "members"], queryFn: () => allMembers(roomId) });

export const requestsQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "requests"], queryFn: () => api.requests(roomId) });

export const invitesQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "invites"], queryFn: () => api.invites(roomId) });

/** A person's key as this device knows it. */
export const personQuery = (userId: string) =>
  queryOptions({ queryKey: ["person", userId], queryFn: () => core.personKey(userId) });

/** Members by pages, up to a limit that a list on a screen can still show. */
async function allMembers(roomId: string): Promise<Member[]> {
  const members: Member[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, next_cursor } = await api.members(roomId, cursor);
    members.push(...items);
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  return members;
}

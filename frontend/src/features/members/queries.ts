import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { Member } from "../../api/types";

const PAGES_MAX = 10;

export const membersQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "members"], queryFn: () => allMembers(roomId) });

export const requestsQuery = (roomId: string) =>
  queryOptions({ queryKey: ["room", roomId, "requests"], queryFn: () => api.requests(roomId) });

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

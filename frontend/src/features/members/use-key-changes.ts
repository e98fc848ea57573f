import { useQuery } from "@tanstack/react-query";
import type { Member } from "../../api/types";
import type { KeyChange } from "../../core/model";
import { useCore } from "../../shared/core-store";
import { membersQuery } from "./queries";

export type MemberChange = KeyChange & { member: Member };

const NONE: KeyChange[] = [];

/** Members of a room whose key is another one than before. */
export function useKeyChanges(roomId: string): MemberChange[] {
  const changes = useCore((store) => store.core?.keyChanges ?? NONE);
  const { data: members = [] } = useQuery({ ...membersQuery(roomId), enabled: changes.length > 0 });
  return changes.flatMap((change) => {
    const member = members.find(({ user_id }) => user_id === change.userId);
    return member ? [{ ...change, member }] : [];
  });
}

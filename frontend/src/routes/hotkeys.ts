import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import type { Room } from "../api/types";
import { mineInOrder } from "../features/rooms/queries";

interface Actions {
  onSearch: () => void;
  onHelp: () => void;
}

/** Keys that work everywhere: Ctrl+K searches, Ctrl+/ explains, Alt with an arrow goes to the room above or below. */
export function useHotkeys(rooms: Room[], { onSearch, onHelp }: Actions): void {
  const navigate = useNavigate();
  const { roomId } = useParams({ strict: false });

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "k") onSearch();
    else if (command && event.key === "/") onHelp();
    else if (event.altKey && step) {
      const mine = mineInOrder(rooms);
      const at = mine.findIndex(({ room_id }) => room_id === roomId);
      const to = mine[(at + step + mine.length) % mine.length];
      if (to) void navigate({ to: "/rooms/$roomId", params: { roomId: to.room_id } });
    } else return;
    event.preventDefault();
  });

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

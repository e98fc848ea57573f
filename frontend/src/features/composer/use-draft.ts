import { useCallback, useEffect, useRef, useState } from "react";
import { core } from "../../shared/core-client";

const SAVE_MS = 400;

/** What is being written in a room: it outlives the tab and a lock, encrypted on this device. */
export function useDraft(roomId: string): [string, (text: string) => void] {
  const [text, setText] = useState("");
  const touched = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    core.draft(roomId).then(
      (draft) => touched.current || setText(draft),
      () => undefined,
    );
  }, [roomId]);

  const change = useCallback(
    (next: string) => {
      touched.current = true;
      setText(next);
      clearTimeout(timer.current);
      // What was sent must not come back, so an empty text is saved at once.
      timer.current = setTimeout(() => void core.saveDraft(roomId, next).catch(() => undefined), next ? SAVE_MS : 0);
    },
    [roomId],
  );
  return [text, change];
}

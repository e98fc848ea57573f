import { useCallback, useEffect, useRef, useState } from "react";
import { readDraft, writeDraft } from "../../shared/drafts";

/** What is being written in a room: it outlives the tab, a lock and a change of the core, encrypted on this device. */
export function useDraft(roomId: string): [string, (text: string) => void] {
  const [text, setText] = useState("");
  const touched = useRef(false);

  useEffect(() => {
    readDraft(roomId).then(
      (draft) => touched.current || setText(draft),
      () => undefined,
    );
  }, [roomId]);

  const change = useCallback(
    (next: string) => {
      touched.current = true;
      setText(next);
      writeDraft(roomId, next);
    },
    [roomId],
  );
  return [text, change];
}

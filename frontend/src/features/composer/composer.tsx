import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { core } from "../../shared/core-client";

/** Where one writes. Enter sends, Shift+Enter makes a new line. */
export function Composer({ roomId, roomName }: { roomId: string; roomName: string }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);

  const send = async () => {
    const written = text;
    if (!written.trim()) return;
    setText("");
    setProblem(undefined);
    try {
      await core.send(roomId, written);
    } catch (error) {
      setText(written);
      setProblem(error instanceof Error ? error.message : "It could not be queued.");
    }
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      className="mx-auto w-full max-w-4xl px-3 pb-3 sm:px-5 sm:pb-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {problem && (
        <p role="alert" className="px-2 pb-1.5 text-sm text-danger">
          {problem}
        </p>
      )}
      <div className="flex items-end gap-2 rounded-2xl border border-line bg-surface p-1.5 shadow-xs focus-within:border-accent">
        <textarea
          ref={area}
          rows={1}
          value={text}
          aria-label={`Message to ${roomName}`}
          placeholder={`Message ${roomName}`}
          className="field-sizing-content max-h-50 min-h-9 grow resize-none bg-transparent px-3 py-1.5 outline-none placeholder:text-muted/70"
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value.trim()) void core.typing(roomId);
          }}
        />
        <button
          type="submit"
          aria-label="Send"
          disabled={!text.trim()}
          className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
        >
          <SendHorizontal className="size-4" aria-hidden="true" />
        </button>
      </div>
    </form>
  );
}

import { Paperclip, SendHorizontal, X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Content } from "../../core/crypto/content";
import { type Composing, compose, useComposing } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { whyOf } from "../../shared/failures";
import { msg, t } from "../../shared/i18n";
import { useLostFocus } from "../../shared/lost-focus";
import { mentionsIn, plainText } from "../../shared/markdown";
import { usePrefs } from "../../shared/prefs";
import { type Suggestion, beforeWord, suggestionsFor } from "../../shared/suggestions";
import { type PickedFile, forgetFiles, pickFiles, useUploads } from "../../shared/uploads";
import { late } from "../../ui/late";
import { DropArea } from "./drop-area";
import { EmojiButton } from "./emoji-button";
import { Suggestions, optionId } from "./suggestions";
import { useDraft } from "./use-draft";

/** Not read before somebody picks a file. */
const FileTray = late(async () => (await import("./file-tray")).FileTray);

interface Props {
  roomId: string;
  roomName: string;
  /** User names that can be mentioned; asked for when somebody types “@”. */
  members: string[];
  onMention: () => void;
  /** How it goes out, where that is more than sending to the room. */
  send?: (content: Content) => Promise<void>;
}

/** Where one writes. Enter sends, Shift+Enter makes a new line, Escape drops an answer or an edit. */
export function Composer({ roomId, roomName, members, onMention, send: dispatch }: Props) {
  const [text, setText] = useDraft(roomId);
  const [problem, setProblem] = useState<string>();
  const area = useRef<HTMLTextAreaElement>(null);
  const about = useComposing((all) => all[roomId]);
  const { typing, enterSends } = usePrefs();
  const files = useUploads((all) => all[roomId]) ?? NONE;
  const picker = useRef<HTMLInputElement>(null);
  const sending = useRef(false);
  /** Where the caret goes with the next text, if not to its end. */
  const caret = useRef<number>(undefined);
  useLostFocus(FINE ? area : NOWHERE);
  const list = useId();
  const [at, setAt] = useState(0);
  const [unwanted, setUnwanted] = useState<string>();
  const offered = unwanted === beforeWord(text) ? [] : suggestionsFor(text, members);
  const chosen = Math.min(at, offered.length - 1);

  const change = (next: string) => {
    setText(next);
    setAt(0);
    // Where nothing is left of the word, the next one is another.
    if (beforeWord(next) === next || beforeWord(next) !== beforeWord(text)) setUnwanted(undefined);
  };

  useEffect(() => {
    if (about?.mode === "edit" && about.item.body.kind === "text") setText(about.item.body.text);
    if (about) area.current?.focus();
  }, [about, setText]);

  const stop = () => {
    if (about?.mode === "edit") setText("");
    compose(roomId, undefined);
  };

  const takesFiles = !dispatch && about?.mode !== "edit";
  const waits = takesFiles && files.some(({ state }) => state.is !== "ready");
  const filled = Boolean(text.trim()) || (takesFiles && files.length > 0);

  /** Puts an emoji where the text is being written. */
  const insert = (emoji: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = area.current ?? {};
    caret.current = selectionStart + emoji.length;
    change(text.slice(0, selectionStart) + emoji + text.slice(selectionEnd));
  };

  useLayoutEffect(() => {
    if (caret.current !== undefined) area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });

  const attach = (picked: File[]) => {
    if (picked.length === 0 || !takesFiles) return;
    setProblem(pickFiles(roomId, picked));
    area.current?.focus();
  };

  const send = async () => {
    const written = text;
    if (!filled || sending.current) return;
    if (waits) return setProblem(t(files.some(({ state }) => state.is === "failed") ? FAILED_FILE : RUNNING_FILE));
    const uploads = takesFiles ? files.map(({ id }) => id) : [];
    // What is on its way with its files must not go a second time.
    sending.current = uploads.length > 0;
    setText("");
    setProblem(undefined);
    compose(roomId, undefined);
    try {
      const content = contentOf(written, about, mentionsIn(written, members));
      await (dispatch ? dispatch(content) : core.send(roomId, content, uploads));
      if (uploads.length > 0) forgetFiles(roomId, uploads);
    } catch (error) {
      setText(written);
      compose(roomId, about);
      setProblem(`${whyOf(error, t("It could not be queued."))} ${t("Your text is still in the field.")}`);
    }
    sending.current = false;
    area.current?.focus();
  };

  const pick = (suggestion: Suggestion) => {
    change(suggestion.text);
    area.current?.focus();
  };

  /** The keys that choose among suggestions, while there are some. */
  const chooses = (event: KeyboardEvent): boolean => {
    const suggestion = offered[chosen];
    if (!suggestion || event.nativeEvent.isComposing) return false;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) setAt((chosen + step + offered.length) % offered.length);
    else if (event.key === "Escape") setUnwanted(beforeWord(text));
    else if ((event.key === "Enter" || event.key === "Tab") && !(event.shiftKey || event.ctrlKey || event.metaKey))
      pick(suggestion);
    else return false;
    event.preventDefault();
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (chooses(event)) return undefined;
    if (event.key === "Escape" && about) return stop();
    if (event.key === "ArrowUp" && text === "" && !about) return editLast(roomId, event);
    const sends = enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key !== "Enter" || !sends || event.nativeEvent.isComposing) return undefined;
    event.preventDefault();
    return void send();
  };

  return (
    <form
      className="relative mx-auto w-full max-w-4xl px-3 pb-3 sm:px-5 sm:pb-4"
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
      {offered.length > 0 && <Suggestions id={list} offered={offered} chosen={chosen} onPick={pick} />}
      {takesFiles && files.length > 0 && <FileTray roomId={roomId} files={files} />}
      {takesFiles && <DropArea roomName={roomName} onFiles={attach} />}
      {about && <About about={about} onStop={stop} />}
      <div className="flex items-end gap-2 rounded-2xl border border-edge bg-surface p-1.5 shadow-xs focus-within:border-accent">
        {takesFiles && (
          <>
            <button
              type="button"
              aria-label={t("Add files")}
              title={t("Add files")}
              className="inline-flex size-9 shrink-0 pointer-coarse:size-11 items-center justify-center rounded-xl text-muted hover:bg-sunken hover:text-ink"
              onClick={() => picker.current?.click()}
            >
              <Paperclip className="size-4" aria-hidden="true" />
            </button>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              aria-label={t("Files")}
              onChange={(event) => {
                attach([...(event.target.files ?? [])]);
                event.target.value = "";
              }}
            />
          </>
        )}
        <textarea
          ref={area}
          rows={1}
          value={text}
          dir="auto"
          aria-autocomplete="list"
          aria-controls={offered.length > 0 ? list : undefined}
          aria-activedescendant={offered.length > 0 ? optionId(list, chosen) : undefined}
          aria-label={t("Message to {room}", { room: roomName })}
          placeholder={t("Message {room}", { room: roomName })}
          className="field-sizing-content max-h-50 min-h-9 pointer-coarse:py-2.5 min-w-0 grow resize-none bg-transparent px-3 py-1.5 outline-none placeholder:truncate placeholder:text-muted"
          onKeyDown={onKeyDown}
          onPaste={(event: ClipboardEvent) => {
            const pasted = [...event.clipboardData.files];
            if (pasted.length > 0 && takesFiles) event.preventDefault();
            attach(pasted);
          }}
          onChange={(event) => {
            change(event.target.value);
            if (event.target.value.includes("@")) onMention();
            if (typing && !dispatch && event.target.value.trim()) void core.typing(roomId);
          }}
        />
        <EmojiButton field={area} onPick={insert} />
        <button
          type="submit"
          aria-label={t("Send")}
          disabled={!filled}
          className="inline-flex size-9 shrink-0 pointer-coarse:size-11 items-center justify-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
        >
          <SendHorizontal className="size-4 rtl:-scale-x-100" aria-hidden="true" />
        </button>
      </div>
    </form>
  );
}

/** Where there may be no other keyboard, one on the screen would cover half the room. */
const FINE = matchMedia("(pointer: fine)").matches;
const NOWHERE = { current: null };
const NONE: PickedFile[] = [];
const RUNNING_FILE = msg("A file is still on its way up.");
const FAILED_FILE = msg("A file could not be uploaded: take it away, then send.");

function contentOf(text: string, about: Composing | undefined, mentions: string[]): Content {
  if (about?.mode === "edit") return { kind: "edit", target: about.item.key, text, mentions };
  return { kind: "text", text, mentions, ...(about ? { reply: about.item.key } : {}) };
}

/** The arrow up in an empty field takes one's newest message to hand. */
function editLast(roomId: string, event: KeyboardEvent): void {
  const items = useCore.getState().timelines[roomId]?.items ?? [];
  const item = items.findLast(({ mine, id, body }) => mine && id !== undefined && body.kind === "text");
  if (!item) return;
  event.preventDefault();
  compose(roomId, { mode: "edit", item });
}

function About({ about: { mode, item }, onStop }: { about: Composing; onStop: () => void }) {
  const text = item.body.kind === "text" ? plainText(item.body.text) : "";
  return (
    <div className="mb-1.5 flex items-center gap-2 rounded-xl bg-sunken px-3 py-1.5 text-sm">
      <p className="min-w-0 grow truncate">
        <span className="font-medium">
          {mode === "edit" ? t("Editing:") : t("Answering {name}:", { name: item.senderName })}
        </span>{" "}
        <span className="text-muted">{text}</span>
      </p>
      <button
        type="button"
        aria-label={t("Cancel")}
        className="rounded-lg p-1 text-muted hover:text-ink"
        onClick={onStop}
      >
        <X className="size-4" aria-hidden="true" />
      </button>
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { AtSign, ChevronRight, Hash } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { api } from "../../api/client";
import type { Room } from "../../api/types";
import type { SearchHit } from "../../core/model";
import { core } from "../../shared/core-client";
import { useCore } from "../../shared/core-store";
import { fullTimeOf } from "../../shared/format";
import { plural, t } from "../../shared/i18n";
import { plainText } from "../../shared/markdown";
import { Dialog } from "../../ui/dialog";

const ROOMS_MAX = 6;
const PEOPLE_MAX = 6;
const PEOPLE_PAGE = 200;
const BEFORE_CHARS = 40;

/** Something that can be done by typing its name. */
export interface Command {
  name: string;
  run: () => void;
}

interface Props {
  rooms: Room[];
  commands: Command[];
  open: boolean;
  onClose: () => void;
}

/** One field for rooms, people, commands and messages; arrow keys go through what it finds. */
export function SearchDialog({ open, ...props }: Props) {
  return (
    <Dialog open={open} onClose={props.onClose} title={t("Search")}>
      {open && <Search {...props} />}
    </Dialog>
  );
}

function Search({ rooms, commands, onClose }: Omit<Props, "open">) {
  const navigate = useNavigate();
  const [words, setWords] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const asked = words.trim();
  const { data } = useQuery({
    queryKey: ["search", asked],
    queryFn: () => core.search(asked, undefined),
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
  });
  const found = rooms.filter(
    (room) => room.role && !room.peer && room.name.toLowerCase().includes(asked.toLowerCase()),
  );
  const doable = commands.filter(({ name }) => asked && name.toLowerCase().includes(asked.toLowerCase()));
  const people = usePeople(asked);
  const hits = asked ? (data?.hits ?? []) : [];
  const go = (roomId: string, m?: string) => {
    onClose();
    void navigate({ to: "/rooms/$roomId", params: { roomId }, search: m === undefined ? {} : { m } });
  };
  const writeTo = (userId: string) => {
    onClose();
    void navigate({ to: "/direct/$userId", params: { userId } });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const options = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = options.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && at < 0 && options[0]) options[0].click();
    else if (step) (options[at + step] ?? options[at])?.focus();
    else return;
    event.preventDefault();
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrow keys go from the field to what it found
    <div onKeyDown={onKeyDown}>
      <input
        type="search"
        aria-label={t("Search rooms, people, messages and commands")}
        placeholder={t("Rooms, @people, messages, commands")}
        autoFocus
        value={words}
        onChange={(event) => setWords(event.target.value)}
        className="h-11 w-full rounded-xl border border-edge bg-surface px-3.5 text-ellipsis placeholder:text-muted"
      />
      <div ref={list} className="mt-3 grid grid-cols-1 gap-3">
        {found.length > 0 && (
          <ul aria-label={t("Rooms")}>
            {found.slice(0, ROOMS_MAX).map((room) => (
              <li key={room.room_id}>
                <button type="button" className={OPTION} onClick={() => go(room.room_id)}>
                  <Hash className="size-4 shrink-0 text-muted" aria-hidden="true" />
                  <span className="truncate">{room.name}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {doable.length > 0 && (
          <ul aria-label={t("Commands")}>
            {doable.map(({ name, run }) => (
              <li key={name}>
                <button
                  type="button"
                  className={OPTION}
                  onClick={() => {
                    onClose();
                    run();
                  }}
                >
                  <ChevronRight className="size-4 shrink-0 text-muted rtl:-scale-x-100" aria-hidden="true" />
                  <span className="truncate">{name}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {people.length > 0 && (
          <ul aria-label={t("People")}>
            {people.map(({ user_id, username }) => (
              <li key={user_id}>
                <button type="button" className={OPTION} onClick={() => writeTo(user_id)}>
                  <AtSign className="size-4 shrink-0 text-muted" aria-hidden="true" />
                  <span className="truncate">{username}</span>
                  <span className="text-xs text-muted">{t("Write a direct message")}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {hits.length > 0 && (
          <ul aria-label={t("Messages")}>
            {hits.map((hit) => (
              <li key={hit.key}>
                <button type="button" className={OPTION} onClick={() => go(hit.roomId, hit.id)}>
                  <Hit hit={hit} words={asked} room={rooms.find(({ room_id }) => room_id === hit.roomId)} />
                </button>
              </li>
            ))}
          </ul>
        )}
        <p role="status" className="text-sm text-muted">
          {asked && hits.length === 0 && t("No message holds all of these words.")}{" "}
          {data?.since !== undefined &&
            plural(
              data.searched,
              "Searched the one message that this device has read, of {since}. The server never learns what you search for.",
              "Searched {count} messages that this device has read, since {since}. The server never learns what you search for.",
              { since: fullTimeOf(data.since) },
            )}
        </p>
      </div>
    </div>
  );
}

/**
 * Others whose name holds what was typed. Words are looked for on this device, among the first people whom the server names
 * to everybody; only what begins with @ is asked for.
 */
function usePeople(asked: string) {
  const name = asked.replace(/^@/, "").toLowerCase();
  const sent = asked.startsWith("@") ? name : "";
  const me = useCore((store) => (store.core?.auth.phase === "ready" ? store.core.auth.account.userId : undefined));
  const { data } = useQuery({
    queryKey: ["people", sent],
    queryFn: () => api.usersNamed(sent, PEOPLE_PAGE),
    placeholderData: (before) => before,
  });
  const others = (data?.items ?? []).filter(({ user_id, username }) => user_id !== me && username.includes(name));
  return others.slice(0, PEOPLE_MAX);
}

const OPTION =
  "flex w-full items-center gap-2.5 rounded-lg px-2.5 py-2 text-start text-sm hover:bg-sunken focus-visible:bg-sunken";

function Hit({ hit, words, room }: { hit: SearchHit; words: string; room: Room | undefined }) {
  return (
    <span className="min-w-0 grow">
      <span className="flex gap-2 text-xs text-muted">
        <span className="font-medium text-ink">{hit.senderName}</span>
        <span className="grow truncate">{room?.name}</span>
        <span className="shrink-0">{fullTimeOf(hit.at)}</span>
      </span>
      <span className="line-clamp-2 break-words">{excerpt(plainText(hit.text), words)}</span>
    </span>
  );
}

/** The part of a text where the first word stands. */
function excerpt(text: string, words: string): string {
  const at = text.toLowerCase().indexOf(words.toLowerCase().split(/\s+/)[0] ?? "");
  return at > BEFORE_CHARS ? `…${text.slice(at - BEFORE_CHARS)}` : text;
}

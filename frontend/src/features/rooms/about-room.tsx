import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { History, Room } from "../../api/types";
import { jumpTo } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { fullTimeOf, namesOf } from "../../shared/format";
import { whyOf } from "../../shared/failures";
import { msg, plural, t } from "../../shared/i18n";
import { setMuted, usePrefs } from "../../shared/prefs";
import { Button } from "../../ui/button";
import { Check } from "../../ui/check";
import { Choice } from "../../ui/choice";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { roomKeysQuery } from "./queries";

interface Props {
  room: Room;
  open: boolean;
  onClose: () => void;
}

/** What a room is: who sees it, how people get in, what they can read, and its key. */
export function AboutRoom({ room, open, onClose }: Props) {
  return (
    <Dialog open={open} onClose={onClose} title={t("About {room}", { room: room.name })}>
      <div className="grid gap-5">
        <Facts room={room} />
        {room.role && <Mute roomId={room.room_id} />}
        {room.role && <GoToDate roomId={room.room_id} onDone={onClose} />}
        {room.role === "admin" && !room.peer && <Newcomers room={room} />}
        {room.role === "admin" && room.granted && <ChangeKey room={room} />}
        {room.role && room.kind !== "lobby" && !room.peer && <Leave room={room} onDone={onClose} />}
      </div>
    </Dialog>
  );
}

const VISIBLE = {
  lobby: msg("Everybody in the organisation is in it."),
  public: msg("Everybody in the organisation sees that it exists; only members read."),
  private: msg("Only members know that it exists."),
};
const ADMISSION = {
  invite: msg(
    "By invite link. The link carries the key, so whoever has it reads at once, and the server cannot let anybody in.",
  ),
  approval: msg(
    "A member lets them in after they asked, or by invite link. The server cannot let anybody in by itself.",
  ),
  open: msg(
    "Whoever asks: the devices of members hand over the key by themselves, to whomever the server names. That keeps out a stolen database, not the operator.",
  ),
};

function Facts({ room }: { room: Room }) {
  const keys = useKeys(room);
  const older = keys ? keys.held.filter((epoch) => epoch < keys.epoch).length : 0;
  const since = sinceOf(keys);
  return (
    <dl className="grid gap-3 text-sm">
      <Fact name={t("Who sees it")}>
        {room.peer ? t("Only you and {name} know that it exists.", { name: room.name }) : t(VISIBLE[room.kind])}
      </Fact>
      {!room.peer && <Admission room={room} since={since} />}
      <Fact name={t("The key")}>
        {since
          ? t("Number {epoch}, since {time}.", { epoch: room.epoch, time: since })
          : t("Number {epoch}.", { epoch: room.epoch })}{" "}
        {heldOf(room.granted, older)} {t("Every message is also encrypted to the organisation’s compliance key.")}
      </Fact>
    </dl>
  );
}

/** Which of the room's keys are held on this device. */
const useKeys = (room: Room) => useQuery({ ...roomKeysQuery(room.room_id), enabled: room.granted }).data;

const sinceOf = (keys: ReturnType<typeof useKeys>): string | undefined => keys && fullTimeOf(Date.parse(keys.openedAt));

function heldOf(granted: boolean, older: number): string {
  if (!granted) return t("You do not hold it yet.");
  return older > 0 ? plural(older, "You hold it and one older.", "You hold it and {count} older.") : t("You hold it.");
}

function Admission({ room, since }: { room: Room; since: string | undefined }) {
  return (
    <>
      <Fact name={t("How people get in")}>{t(ADMISSION[room.admission])}</Fact>
      {/* Whoever decides it sees it where it is decided. */}
      {room.role !== "admin" && (
        <Fact name={t("What newcomers read")}>{room.history === "everything" ? t(EVERYTHING) : currentKey(since)}</Fact>
      )}
    </>
  );
}

const EVERYTHING = msg("The whole history, as far as whoever lets them in, or made their link, can read it.");

const currentKey = (since: string | undefined): string =>
  `${
    since
      ? t("Everything written with the current key, so since {time}.", { time: since })
      : t("Everything written with the current key.")
  } ${t("Older messages only if a member shares the history with them.")}`;

/** What newcomers get of the past: the members’ clients act on it, because they hold the keys. */
function Newcomers({ room }: { room: Room }) {
  const queries = useQueryClient();
  const since = sinceOf(useKeys(room));
  const [problem, setProblem] = useState<string>();
  /** What was chosen, until the room says so itself. */
  const [chosen, setChosen] = useState<History>();
  const change = async (history: History) => {
    setProblem(undefined);
    setChosen(history);
    await api
      .setHistory(room.room_id, history)
      .catch((error: unknown) => setProblem(whyOf(error, t("That did not work."))));
    await queries.invalidateQueries({ queryKey: ["rooms"] });
    setChosen(undefined);
  };
  return (
    <div className="grid gap-2">
      <Choice
        legend={t("What newcomers read")}
        value={chosen ?? room.history}
        onChange={(history) => void change(history)}
        options={[
          { value: "current_key", label: t("From the current key on"), hint: currentKey(since) },
          {
            value: "everything",
            label: t("The whole history"),
            hint: t("They get every key that whoever lets them in holds. Links made before do not change."),
          },
        ]}
      />
      {problem && <Notice tone="danger">{problem}</Notice>}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}

function Mute({ roomId }: { roomId: string }) {
  const muted = usePrefs((prefs) => prefs.mutedRooms.includes(roomId));
  return (
    <Check label={t("Mute on this device")} checked={muted} onChange={(value) => setMuted(roomId, value)}>
      {t("Only mentions are told of.")}
    </Check>
  );
}

function GoToDate({ roomId, onDone }: { roomId: string; onDone: () => void }) {
  const [problem, setProblem] = useState<string>();
  const go = async (date: string) => {
    if (!date) return;
    const key = await core.jump(roomId, { at: new Date(`${date}T00:00:00`).getTime() });
    if (key === undefined) return setProblem(t("Nothing was written on that day or later."));
    jumpTo(roomId, key);
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const { date } = Object.fromEntries(new FormData(event.currentTarget));
        void go(String(date)).catch((error: Error) => setProblem(whyOf(error, t("That did not work."))));
      }}
    >
      <Field
        label={t("Go to a day")}
        name="date"
        type="date"
        required
        error={problem}
        beside={
          <Button type="submit" className="h-11">
            {t("Go")}
          </Button>
        }
      />
    </form>
  );
}

function ChangeKey({ room }: { room: Room }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ ok: boolean; text: string }>();
  const change = async () => {
    setBusy(true);
    try {
      const { epoch, left } = await core.rotateKey(room.room_id);
      const done = t("Key number {epoch} is in use. Links made before no longer work.", { epoch });
      const without = t("Without it: {names}, whose keys do not check out.", { names: namesOf(left) });
      setOutcome({ ok: true, text: left.length > 0 ? `${done} ${without}` : done });
    } catch (error) {
      setOutcome({ ok: false, text: whyOf(error, t("The key could not be changed.")) });
    }
    await queries.invalidateQueries({ queryKey: ["room", room.room_id] });
    setBusy(false);
  };
  return (
    <section aria-label={t("Change the key")} className="grid gap-2 border-t border-line pt-4">
      <p className="text-sm text-muted">
        {room.peer
          ? t("Change it if a device got into wrong hands.")
          : t(
              "The key changes by itself when somebody is removed or leaves while an admin is here. Change it now if a link or a device got into wrong hands.",
            )}
      </p>
      {outcome && <Notice tone={outcome.ok ? "info" : "danger"}>{outcome.text}</Notice>}
      <Button busy={busy} onClick={() => void change()}>
        {t("Change the key")}
      </Button>
    </section>
  );
}

function Leave({ room, onDone }: { room: Room; onDone: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState<string>();
  const leave = async () => {
    try {
      await api.leaveRoom(room.room_id);
      onDone();
      await queries.invalidateQueries({ queryKey: ["rooms"] });
      await navigate({ to: "/" });
    } catch (error) {
      setProblem(whyOf(error, t("You could not leave.")));
    }
  };
  return (
    <section aria-label={t("Leave")} className="grid gap-2 border-t border-line pt-4">
      {problem && <Notice tone="danger">{problem}</Notice>}
      {sure && (
        <p className="text-sm text-muted">
          {room.kind === "public"
            ? t("You will need to ask again to come back.")
            : t("You will need a new link to come back.")}
        </p>
      )}
      <Button variant="danger" onClick={() => (sure ? void leave() : setSure(true))}>
        {sure ? t("Yes, leave {room}", { room: room.name }) : t("Leave the room")}
      </Button>
    </section>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { Room } from "../../api/types";
import { jumpTo } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { fullTimeOf } from "../../shared/format";
import { Button } from "../../ui/button";
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
    <Dialog open={open} onClose={onClose} title={`About ${room.name}`}>
      <div className="grid gap-5">
        <Facts room={room} />
        {room.role && <GoToDate roomId={room.room_id} onDone={onClose} />}
        {room.role === "admin" && room.granted && <ChangeKey room={room} />}
        {room.role && room.kind !== "lobby" && <Leave room={room} onDone={onClose} />}
      </div>
    </Dialog>
  );
}

const VISIBLE = {
  lobby: "Everybody in the organisation is in it.",
  public: "Everybody in the organisation sees that it exists; only members read.",
  private: "Only members know that it exists.",
};
const ADMISSION = {
  invite:
    "By invite link. The link carries the key, so whoever has it reads at once, and the server cannot let anybody in.",
  approval: "A member lets them in after they asked, or by invite link. The server cannot let anybody in by itself.",
};

function Facts({ room }: { room: Room }) {
  const { data: keys } = useQuery({ ...roomKeysQuery(room.room_id), enabled: room.granted });
  const older = keys ? keys.held.filter((epoch) => epoch < keys.epoch).length : 0;
  return (
    <dl className="grid gap-3 text-sm">
      <Fact name="Who sees it">{VISIBLE[room.kind]}</Fact>
      <Fact name="How people get in">{ADMISSION[room.admission]}</Fact>
      <Fact name="What newcomers read">
        Everything written with the current key{keys && `, so since ${fullTimeOf(Date.parse(keys.openedAt))}`}. Older
        messages only if a member shares the history with them.
      </Fact>
      <Fact name="The key">
        {`Number ${room.epoch}`}
        {keys && `, since ${fullTimeOf(Date.parse(keys.openedAt))}`}.{" "}
        {room.granted ? `You hold it${older > 0 ? ` and ${older} older` : ""}.` : "You do not hold it yet."} Every
        message is also encrypted to the organisation’s compliance key.
      </Fact>
    </dl>
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

function GoToDate({ roomId, onDone }: { roomId: string; onDone: () => void }) {
  const [problem, setProblem] = useState<string>();
  const go = async (date: string) => {
    if (!date) return;
    const key = await core.jump(roomId, { at: new Date(`${date}T00:00:00`).getTime() });
    if (key === undefined) return setProblem("Nothing was written on that day or later.");
    jumpTo(roomId, key);
    onDone();
  };
  return (
    <form
      className="flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const { date } = Object.fromEntries(new FormData(event.currentTarget));
        void go(String(date)).catch((error: Error) => setProblem(error.message));
      }}
    >
      <div className="grow">
        <Field label="Go to a day" name="date" type="date" required error={problem} />
      </div>
      <Button type="submit" className="h-11">
        Go
      </Button>
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
      const without = left.length > 0 ? ` Without it: ${left.join(", ")}, whose keys do not check out.` : "";
      setOutcome({ ok: true, text: `Key number ${epoch} is in use. Links made before no longer work.${without}` });
    } catch (error) {
      setOutcome({ ok: false, text: error instanceof Error ? error.message : "The key could not be changed." });
    }
    await queries.invalidateQueries({ queryKey: ["room", room.room_id] });
    setBusy(false);
  };
  return (
    <section aria-label="Change the key" className="grid gap-2 border-t border-line pt-4">
      <p className="text-sm text-muted">
        The key changes by itself when somebody is removed or leaves while an admin is here. Change it now if a link or
        a device got into wrong hands.
      </p>
      {outcome && <Notice tone={outcome.ok ? "info" : "danger"}>{outcome.text}</Notice>}
      <Button busy={busy} onClick={() => void change()}>
        Change the key
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
      setProblem(error instanceof Error ? error.message : "You could not leave.");
    }
  };
  return (
    <section aria-label="Leave" className="grid gap-2 border-t border-line pt-4">
      {problem && <Notice tone="danger">{problem}</Notice>}
      {sure && (
        <p className="text-sm text-muted">
          You will need {room.kind === "public" ? "to ask again" : "a new link"} to come back.
        </p>
      )}
      <Button variant="danger" onClick={() => (sure ? void leave() : setSure(true))}>
        {sure ? `Yes, leave ${room.name}` : "Leave the room"}
      </Button>
    </section>
  );
}

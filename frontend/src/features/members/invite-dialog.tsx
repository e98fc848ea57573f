import { useQueryClient } from "@tanstack/react-query";
import { Check, Copy } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Member, Room } from "../../api/types";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { InviteList } from "./invite-list";
import { invitesQuery } from "./queries";

interface Props {
  room: Room;
  members: Member[];
  open: boolean;
  onClose: () => void;
}

export function InviteDialog({ room, members, open, onClose }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("Invite to {room}", { room: room.name })}
      description={t("The link contains the room’s key. Send it the way you would send a key.")}
    >
      <div className="grid gap-6">
        <InviteForm room={room} />
        <InviteList room={room} members={members} />
      </div>
    </Dialog>
  );
}

function InviteForm({ room: { room_id: roomId, history } }: { room: Room }) {
  const queries = useQueryClient();
  const [days, setDays] = useState("7");
  const [uses, setUses] = useState("10");
  const [link, setLink] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      setLink(await core.createInviteLink(roomId, { days: Number(days), uses: Number(uses) }));
      await queries.invalidateQueries({ queryKey: invitesQuery(roomId).queryKey });
    } catch (error) {
      setProblem(whyOf(error, t("The link could not be made.")));
    }
    setBusy(false);
  };

  if (link) return <LinkReady link={link} />;
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <div className="grid grid-cols-2 gap-3">
        <Field
          label={t("Valid for (days)")}
          type="number"
          min={1}
          max={30}
          required
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
        <Field
          label={t("People")}
          type="number"
          min={1}
          max={1000}
          required
          value={uses}
          onChange={(event) => setUses(event.target.value)}
        />
      </div>
      <p className="text-sm text-muted">
        {history === "everything"
          ? t("Whoever follows it reads the whole history, as far as you can.")
          : t("Whoever follows it reads what was written with the current key.")}
      </p>
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Button type="submit" variant="primary" busy={busy}>
        {t("Make the link")}
      </Button>
    </form>
  );
}

function LinkReady({ link }: { link: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return (
    <div className="grid gap-4">
      <Field
        label={t("Invite link")}
        readOnly
        value={link}
        className="font-mono text-sm"
        onFocus={(event) => event.target.select()}
      />
      <Button variant="primary" onClick={() => void copy().catch(() => undefined)}>
        {copied ? <Check className="size-4" aria-hidden="true" /> : <Copy className="size-4" aria-hidden="true" />}
        {copied ? t("Copied") : t("Copy")}
      </Button>
    </div>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Admission } from "../../api/types";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { msg, t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/choice";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";

/** An open door is held by the server; the person who opens it shall know. */
const OPEN_WARNING = msg(
  "Whoever runs the server can name anybody here, and members’ devices would hand them the key. That keeps out a stolen database, not the operator.",
);

type Visibility = "private" | "public";

export function CreateRoom({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t("New room")} description={t("Its key is made on this device.")}>
      <CreateRoomForm onClose={onClose} />
    </Dialog>
  );
}

function CreateRoomForm({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Visibility>("private");
  const [admission, setAdmission] = useState<Admission>("invite");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { roomId } = await core.createRoom({ name: name.trim(), kind, admission });
      await queries.invalidateQueries({ queryKey: ["rooms"] });
      onClose();
      await navigate({ to: "/rooms/$roomId", params: { roomId } });
    } catch (error) {
      setProblem(whyOf(error, t("The room could not be created.")));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-5">
      <Field
        label={t("Name")}
        required
        maxLength={80}
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Choice
        legend={t("Who sees that it exists")}
        value={kind}
        onChange={setKind}
        options={[
          { value: "private", label: t("Members only"), hint: t("Nobody else sees its name.") },
          { value: "public", label: t("Everybody in the organisation"), hint: t("Others can ask to join.") },
        ]}
      />
      <Choice
        legend={t("How people get in")}
        value={admission}
        onChange={setAdmission}
        options={[
          { value: "invite", label: t("By invite link"), hint: t("The link carries the key; they read at once.") },
          {
            value: "approval",
            label: t("A member lets them in"),
            hint: t("They ask, somebody here decides. Links work too."),
          },
          {
            value: "open",
            label: t("Anybody who asks"),
            hint: t("The devices of members hand over the key by themselves."),
          },
        ]}
      />
      {admission === "open" && <Notice tone="warn">{t(OPEN_WARNING)}</Notice>}
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Button type="submit" variant="primary" busy={busy}>
        {t("Create room")}
      </Button>
    </form>
  );
}

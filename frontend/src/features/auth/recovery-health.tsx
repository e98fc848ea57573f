import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleHelp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { core } from "../../shared/core-client";
import { agoOf } from "../../shared/format";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { recoveryQuery } from "./recovery-query";

const DAY_MS = 86_400_000;
const FRESH_DAYS = 90;

/** When the recovery key was last typed and worked, and the way to try it. */
export function RecoveryHealth() {
  const queries = useQueryClient();
  const { data: health } = useQuery(recoveryQuery);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await core.checkRecoveryKey(typed);
      setTyped("");
      await queries.invalidateQueries({ queryKey: recoveryQuery.queryKey });
    } catch (error) {
      setProblem(whyOf(error, t("It does not open your account.")));
    }
    setBusy(false);
  };

  return (
    <div className="grid gap-4">
      <Health checkedAt={health?.checkedAt} />
      <form onSubmit={(event) => void submit(event)} className="grid gap-3" aria-label={t("Check the recovery key")}>
        <Field
          label={t("Check your copy")}
          name="recovery-check"
          autoComplete="off"
          spellCheck={false}
          required
          className="font-mono"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          hint={t(
            "Type it in: the server is asked whether it opens your account. The check is an event of the audit log.",
          )}
        />
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Button type="submit" busy={busy}>
          {t("Check")}
        </Button>
      </form>
    </div>
  );
}

function Health({ checkedAt }: { checkedAt: number | undefined }) {
  const [now] = useState(Date.now);
  const fresh = checkedAt !== undefined && now - checkedAt < FRESH_DAYS * DAY_MS;
  const Icon = fresh ? CircleCheck : CircleHelp;
  return (
    <p role="status" className="flex items-center gap-2.5">
      <Icon className={`size-5 shrink-0 ${fresh ? "text-accent" : "text-warn"}`} aria-hidden="true" />
      {checkedAt === undefined
        ? t("Never checked on this device.")
        : fresh
          ? t("It worked {ago}.", { ago: agoOf(checkedAt) })
          : t("It worked {ago}. Check again whether you still have it.", { ago: agoOf(checkedAt) })}
    </p>
  );
}

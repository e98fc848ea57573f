import { type FormEvent, useState } from "react";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { plural, t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { readCommonPasswords } from "./common";
import { PASSWORD_SCORE_MIN, strengthOf } from "./strength";
import { StrengthMeter } from "./strength-meter";

/** Locks the key under a new password. The old one, or the recovery key, proves who asks. */
export function ChangePassword({ username }: { username: string }) {
  const [kind, setKind] = useState<"password" | "recovery">("password");
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [repeat, setRepeat] = useState("");
  const [submitted, setSubmitted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ ok: boolean; text: string }>();
  const strength = strengthOf(next, username);
  const weak = strength.score < PASSWORD_SCORE_MIN;
  const differs = repeat !== next;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await readCommonPasswords();
    setSubmitted(true);
    if (strengthOf(next, username).score < PASSWORD_SCORE_MIN || differs) return;
    setBusy(true);
    try {
      const { ended } = await core.changePassword({ current: { kind, text: current }, next });
      const done = t("The new password is in use. Your recovery key stays the same.");
      const others = plural(ended, "One other session ended.", "{count} other sessions ended.");
      setOutcome({ ok: true, text: ended > 0 ? `${done} ${others}` : done });
      for (const clear of [setCurrent, setNext, setRepeat]) clear("");
      setSubmitted(false);
    } catch (error) {
      setOutcome({ ok: false, text: whyOf(error, t("The password could not be changed.")) });
    }
    setBusy(false);
  };

  const password = { type: "password", required: true, autoComplete: "new-password" };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4" aria-label={t("Change password")}>
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <Field
        {...(kind === "password" ? { ...password, autoComplete: "current-password" } : { className: "font-mono" })}
        key={kind}
        label={kind === "password" ? t("Current password") : t("Recovery key")}
        required
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        hint={
          <button
            type="button"
            className="text-start text-accent underline-offset-4 hover:underline"
            onClick={() => setKind(kind === "password" ? "recovery" : "password")}
          >
            {kind === "password" ? t("I forgot it: use the recovery key") : t("Use the current password")}
          </button>
        }
      />
      <Field
        {...password}
        label={t("New password")}
        value={next}
        onFocus={() => void readCommonPasswords()}
        onChange={(event) => setNext(event.target.value)}
        hint={next && <StrengthMeter strength={strength} />}
        error={submitted && weak ? t("This password is too easy to guess.") : undefined}
      />
      <Field
        {...password}
        label={t("Repeat new password")}
        value={repeat}
        onChange={(event) => setRepeat(event.target.value)}
        error={submitted && differs ? t("The two passwords differ.") : undefined}
      />
      {outcome && <Notice tone={outcome.ok ? "info" : "danger"}>{outcome.text}</Notice>}
      <Button type="submit" busy={busy}>
        {t("Change password")}
      </Button>
    </form>
  );
}

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck, ShieldOff } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import type { NewSecondFactor, SecondFactor as State } from "../../api/types";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { QrCode } from "../../ui/qr-code";
import { CodeField } from "./code-field";

const factorQuery = queryOptions({ queryKey: ["second-factor"], queryFn: () => api.secondFactor(), staleTime: 0 });

/** One-time codes beside the password: whether they are asked for, and the way to begin and to end it. */
export function SecondFactor() {
  const { data: state, error } = useQuery(factorQuery);
  const queries = useQueryClient();
  if (error) return <Notice tone="danger">{whyOf(error, t("That did not work."))}</Notice>;
  if (!state) return <Spinner />;
  const onChanged = (changed: State) => queries.setQueryData(factorQuery.queryKey, changed);
  const Icon = state.active ? ShieldCheck : ShieldOff;
  return (
    <div className="grid gap-4">
      <p role="status" className="flex items-center gap-2.5">
        <Icon className={`size-5 shrink-0 ${state.active ? "text-accent" : "text-muted"}`} aria-hidden="true" />
        {state.active ? t("Signing in needs a code.") : t("The password alone signs in.")}
      </p>
      {state.required && !state.used && (
        <Notice tone="warn">{t("Your role counts only in a session that was opened with a code.")}</Notice>
      )}
      {state.active ? <Remove onChanged={onChanged} /> : <Add onChanged={onChanged} />}
    </div>
  );
}

interface Props {
  onChanged: (state: State) => void;
}

function Add({ onChanged }: Props) {
  const [drawn, setDrawn] = useState<NewSecondFactor>();
  const [text, setText] = useState("");
  const { busy, problem, run } = useRequest();

  const begin = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      setDrawn(await core.beginSecondFactor({ kind: "password", text }));
      setText("");
    });
  };
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => onChanged(await api.confirmSecondFactor(text)));
  };

  if (!drawn) {
    return (
      <form onSubmit={begin} className="grid gap-4" aria-label={t("Set up codes")}>
        <Field
          label={t("Password")}
          type="password"
          autoComplete="current-password"
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
          hint={t("Then scan a code with an authenticator app.")}
        />
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Button type="submit" busy={busy}>
          {t("Set up codes")}
        </Button>
      </form>
    );
  }
  return (
    <form onSubmit={confirm} className="grid gap-4" aria-label={t("Confirm the app")}>
      <QrCode text={drawn.uri} label={t("Key for an authenticator app")} />
      <p className="text-center text-sm text-muted">
        {t("Scan it with the app, or type this key:")}{" "}
        <code className="mt-1 block font-mono text-ink select-all">{drawn.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      <CodeField value={text} onChange={setText} />
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Button type="submit" variant="primary" busy={busy}>
        {t("Confirm")}
      </Button>
    </form>
  );
}

function Remove({ onChanged }: Props) {
  const [kind, setKind] = useState<"password" | "recovery">("password");
  const [secret, setSecret] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, run } = useRequest();
  const recovery = kind === "recovery";

  const remove = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => onChanged(await core.removeSecondFactor({ kind, text: secret }, recovery ? undefined : code)));
  };

  return (
    <form onSubmit={remove} className="grid gap-4" aria-label={t("Do without codes")}>
      <Field
        key={kind}
        {...(recovery ? { className: "font-mono" } : { type: "password", autoComplete: "current-password" })}
        label={recovery ? t("Recovery key") : t("Password")}
        required
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
        hint={
          <button
            type="button"
            className="text-start text-accent underline-offset-4 hover:underline"
            onClick={() => setKind(recovery ? "password" : "recovery")}
          >
            {recovery ? t("Use the password") : t("I lost the app: use the recovery key")}
          </button>
        }
      />
      {!recovery && <CodeField value={code} onChange={setCode} />}
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Button type="submit" variant="danger" busy={busy}>
        {t("Do without codes")}
      </Button>
    </form>
  );
}

/** One request at a time, and what went wrong with the last. */
function useRequest() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = async (request: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await request();
    } catch (error) {
      setProblem(whyOf(error, t("That did not work.")));
    }
    setBusy(false);
  };
  return { busy, problem, run };
}

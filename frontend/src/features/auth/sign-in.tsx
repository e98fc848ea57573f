import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { core } from "../../shared/core-client";
import { codeOf, whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { noteOpening } from "../../shared/opening";
import { rich } from "../../shared/rich";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { AuthFrame } from "./auth-frame";
import { CodeField } from "./code-field";

type SecretKind = "password" | "recovery";

interface Props {
  lockedAs?: string | undefined;
  why?: "reload" | "asked";
  notice?: string | undefined;
}

/** Sign in; with a `lockedAs` name it only opens the keys again. */
export function SignIn({ lockedAs, why, notice }: Props) {
  const [username, setUsername] = useState("");
  const [secret, setSecret] = useState("");
  const [kind, setKind] = useState<SecretKind>("password");
  /** There once the server has asked for one. */
  const [code, setCode] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    noteOpening();
    try {
      await core.login({ username: lockedAs ?? username, secret: { kind, text: secret }, code });
    } catch (error) {
      if (codeOf(error) === "second-factor-required") setCode("");
      else setProblem(whyOf(error, t("That did not work.")));
      setBusy(false);
    }
  };

  return (
    <AuthFrame
      title={lockedAs ? t("Unlock your messages") : t("Sign in")}
      lead={
        lockedAs && (
          <>
            {rich("You are signed in as {name}.", { name: <b className="text-ink">{lockedAs}</b> })}{" "}
            {why === "asked"
              ? t("The keys are forgotten in every tab; what you wrote and did not send is kept, encrypted.")
              : t("Your keys are not kept on this device, so the password is needed again.")}
          </>
        )
      }
    >
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        {notice && <Notice tone="warn">{t(notice)}</Notice>}
        {lockedAs ? (
          <input type="hidden" name="username" autoComplete="username" value={lockedAs} readOnly />
        ) : (
          <Field
            label={t("User name")}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={username}
            onChange={(event) => {
              setUsername(event.target.value);
              // Another account may need none.
              setCode(undefined);
            }}
          />
        )}
        <SecretField kind={kind} value={secret} onChange={setSecret} autoFocus={Boolean(lockedAs)} />
        {code !== undefined && kind === "password" && <CodeField value={code} onChange={setCode} />}
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Button type="submit" variant="primary" busy={busy}>
          {busy ? t("Opening your keys…") : lockedAs ? t("Unlock") : t("Sign in")}
        </Button>
        <Alternatives locked={lockedAs !== undefined} kind={kind} onKind={setKind} />
      </form>
    </AuthFrame>
  );
}

interface SecretFieldProps {
  kind: SecretKind;
  value: string;
  onChange: (value: string) => void;
  autoFocus: boolean;
}

function SecretField({ kind, value, onChange, autoFocus }: SecretFieldProps) {
  const common = {
    required: true,
    value,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return kind === "password" ? (
    <Field
      {...common}
      key="password"
      label={t("Password")}
      type="password"
      name="password"
      autoComplete="current-password"
      autoFocus={autoFocus}
    />
  ) : (
    <Field
      {...common}
      key="recovery"
      label={t("Recovery key")}
      name="recovery"
      autoComplete="off"
      spellCheck={false}
      className="font-mono"
      placeholder="XXXX-XXXX-XXXX-XXXX-…"
      hint={t("The 32 characters you saved when you registered.")}
      autoFocus
    />
  );
}

function Alternatives({
  locked,
  kind,
  onKind,
}: {
  locked: boolean;
  kind: SecretKind;
  onKind: (kind: SecretKind) => void;
}) {
  const link = "text-start text-accent underline-offset-4 hover:underline";
  return (
    <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
      <button type="button" className={link} onClick={() => onKind(kind === "password" ? "recovery" : "password")}>
        {kind === "password" ? t("Use the recovery key") : t("Use the password")}
      </button>
      {locked ? (
        <button type="button" className={link} onClick={() => void core.logout().catch(() => undefined)}>
          {t("Sign out")}
        </button>
      ) : (
        <Link to="/register" className={link}>
          {t("Create an account")}
        </Link>
      )}
    </div>
  );
}

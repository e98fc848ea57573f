import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { core } from "../../shared/core-client";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { AuthFrame } from "./auth-frame";

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
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await core.login({ username: lockedAs ?? username, secret: { kind, text: secret } });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "That did not work.");
      setBusy(false);
    }
  };

  return (
    <AuthFrame
      title={lockedAs ? "Unlock your messages" : "Sign in"}
      lead={
        lockedAs && (
          <>
            You are signed in as <b className="text-ink">{lockedAs}</b>.{" "}
            {why === "asked"
              ? "The keys are forgotten in every tab; what you wrote and did not send is kept, encrypted."
              : "Your keys are kept in memory only, so the password is needed after a reload."}
          </>
        )
      }
    >
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        {notice && <Notice tone="warn">{notice}</Notice>}
        {lockedAs ? (
          <input type="hidden" name="username" autoComplete="username" value={lockedAs} readOnly />
        ) : (
          <Field
            label="User name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
        <SecretField kind={kind} value={secret} onChange={setSecret} autoFocus={Boolean(lockedAs)} />
        {problem && <Notice tone="danger">{problem}</Notice>}
        <Button type="submit" variant="primary" busy={busy}>
          {busy ? "Opening your keys…" : lockedAs ? "Unlock" : "Sign in"}
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
      label="Password"
      type="password"
      name="password"
      autoComplete="current-password"
      autoFocus={autoFocus}
    />
  ) : (
    <Field
      {...common}
      key="recovery"
      label="Recovery key"
      name="recovery"
      autoComplete="off"
      spellCheck={false}
      className="font-mono"
      placeholder="XXXX-XXXX-XXXX-XXXX-…"
      hint="The 32 characters you saved when you registered."
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
  const link = "text-accent underline-offset-4 hover:underline";
  return (
    <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
      <button type="button" className={link} onClick={() => onKind(kind === "password" ? "recovery" : "password")}>
        {kind === "password" ? "Use the recovery key" : "Use the password"}
      </button>
      {locked ? (
        <button type="button" className={link} onClick={() => void core.logout().catch(() => undefined)}>
          Sign out
        </button>
      ) : (
        <Link to="/register" className={link}>
          Create an account
        </Link>
      )}
    </div>
  );
}

import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { noteOpening } from "../../shared/opening";
import { rich } from "../../shared/rich";
import { Spinner } from "../../ui/button";
import { AuthFrame } from "./auth-frame";
import { type AccountForm, AccountStep } from "./account-step";
import { RecoveryStep } from "./recovery-step";

type Step = "account" | "recovery" | "creating";

interface Props {
  inviteLink?: string | undefined;
  /** Where the invite leads. */
  roomName?: string | undefined;
}

/** Registration: account, recovery key, done. Nothing reaches the server before the recovery key is confirmed. */
export function Register({ inviteLink, roomName }: Props) {
  const navigate = useNavigate();
  const [step, setStep] = useState<Step>("account");
  const [form, setForm] = useState<AccountForm>({ username: "", password: "" });
  const [problem, setProblem] = useState<string>();
  const [confirmed, setConfirmed] = useState(false);

  const create = async (account: AccountForm) => {
    setStep("creating");
    noteOpening();
    try {
      const { roomId } = await core.register({ ...account, inviteLink });
      await navigate(roomId ? { to: "/rooms/$roomId", params: { roomId } } : { to: "/" });
    } catch (error) {
      setProblem(whyOf(error, t("The account could not be created.")));
      setStep("account");
    }
  };

  const onAccount = (account: AccountForm) => {
    setForm(account);
    setProblem(undefined);
    if (confirmed) void create(account);
    else setStep("recovery");
  };

  if (step === "recovery") {
    return (
      <AuthFrame
        title={t("Save your recovery key")}
        lead={t("If you forget your password, only this key opens your messages again. Nobody can reset it for you.")}
      >
        <RecoveryStep
          onBack={() => setStep("account")}
          onConfirmed={() => {
            setConfirmed(true);
            void create(form);
          }}
        />
      </AuthFrame>
    );
  }
  if (step === "creating") {
    return (
      <AuthFrame title={t("Creating your account")}>
        <p role="status" className="flex items-center gap-3 text-muted">
          <Spinner /> {t("Making your keys and locking them with your password…")}
        </p>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame
      title={t("Create your account")}
      lead={roomName && rich("You are invited to {room}.", { room: <b className="text-ink">{roomName}</b> })}
    >
      <AccountStep initial={form} problem={problem} onSubmit={onAccount} />
      <p className="mt-4 text-sm text-muted">
        {t("Already have an account?")}{" "}
        <Link
          to={inviteLink ? "/join" : "/"}
          hash={inviteLink ? (inviteLink.split("#")[1] ?? "") : ""}
          search={inviteLink ? { signin: true } : {}}
          className="text-accent underline underline-offset-4"
        >
          {t("Sign in")}
        </Link>
      </p>
    </AuthFrame>
  );
}

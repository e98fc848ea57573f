import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { AuthState, InvitePreviewInfo } from "../../core/model";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Notice } from "../../ui/notice";
import { AuthFrame } from "./auth-frame";
import { Register } from "./register";
import { SignIn } from "./sign-in";

type Preview = { state: "loading" } | { state: "ok"; info: InvitePreviewInfo } | { state: "bad"; message: string };

/** Where an invite link leads: its secret stays in this tab and the worker. */
export function Join({ auth, fragment, signIn }: { auth: AuthState; fragment: string; signIn: boolean }) {
  const link = `${location.origin}/join#${fragment}`;
  const [preview, setPreview] = useState<Preview>({ state: "loading" });

  useEffect(() => {
    core.previewInvite(link).then(
      (info) => setPreview({ state: "ok", info }),
      (error: Error) => setPreview({ state: "bad", message: whyOf(error, t("That did not work.")) }),
    );
  }, [link]);

  if (preview.state === "loading") {
    return (
      <AuthFrame title={t("Checking your invite")}>
        <Spinner />
      </AuthFrame>
    );
  }
  if (preview.state === "bad") {
    return (
      <AuthFrame title={t("This invite does not work")}>
        <Notice tone="danger">{preview.message}</Notice>
      </AuthFrame>
    );
  }
  if (auth.phase === "locked") return <SignIn lockedAs={auth.username} why={auth.why} />;
  if (auth.phase === "ready") return <JoinRoom link={link} info={preview.info} />;
  return signIn ? <SignIn /> : <Register inviteLink={link} roomName={preview.info.roomName} />;
}

function JoinRoom({ link, info }: { link: string; info: InvitePreviewInfo }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const join = async () => {
    setBusy(true);
    try {
      const { roomId } = await core.redeemInvite(link);
      await navigate({ to: "/rooms/$roomId", params: { roomId } });
    } catch (error) {
      setProblem(whyOf(error, t("You could not be added to the room.")));
      setBusy(false);
    }
  };

  return (
    <AuthFrame
      title={t("Join {room}", { room: info.roomName })}
      lead={t("The link holds the room’s key, so you can read at once.")}
    >
      <div className="grid gap-4">
        {problem && <Notice tone="danger">{problem}</Notice>}
        <div className="flex gap-2">
          <Button onClick={() => void navigate({ to: "/" })}>{t("Not now")}</Button>
          <Button variant="primary" className="grow" busy={busy} onClick={() => void join()}>
            {t("Join")}
          </Button>
        </div>
      </div>
    </AuthFrame>
  );
}

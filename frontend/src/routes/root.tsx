import { Outlet, useRouterState } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AuthFrame } from "../features/auth/auth-frame";
import { SignIn } from "../features/auth/sign-in";
import { core } from "../shared/core-client";
import { useCore } from "../shared/core-store";
import { whyText } from "../shared/failures";
import { t } from "../shared/i18n";
import { opening } from "../shared/opening";
import { Button, Spinner } from "../ui/button";
import { Centered } from "../ui/centered";
import { late } from "../ui/late";

/** What is behind the keys is not read before somebody opens them; then it comes at the same time as the screen within. */
const Shell = late(async () => (await import("./shell")).Shell, Waiting);
void opening.then(Shell.preload).catch(() => undefined);

/** Screens that need no open keys. */
const OPEN_PATHS = new Set(["/register", "/join"]);

/** What stands on the page depends on the keys first and on the address second. */
export function Root() {
  const auth = useCore((store) => store.core?.auth);
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (!auth || auth.phase === "starting") {
    return <Waiting />;
  }
  if (auth.phase === "unreachable") {
    return (
      <AuthFrame title={t("The server cannot be reached")} lead={whyText(auth.code, auth.message)}>
        <Button variant="primary" onClick={() => void core.start(true)}>
          {t("Try again")}
        </Button>
      </AuthFrame>
    );
  }
  if (path === "/join" || (OPEN_PATHS.has(path) && auth.phase !== "ready")) return <Outlet />;
  if (auth.phase === "locked") return <SignIn key="locked" lockedAs={auth.username} why={auth.why} />;
  if (auth.phase === "signed_out") return <SignIn key="signed-out" notice={auth.notice} />;
  return <Shell me={auth.account} atRoot={path === "/"} />;
}

function Waiting(): ReactNode {
  return (
    <main className="flex min-h-full">
      <Centered>
        <Spinner />
        <span className="sr-only">{t("Starting")}</span>
      </Centered>
    </main>
  );
}

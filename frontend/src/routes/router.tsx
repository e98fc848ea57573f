import {
  type RouteComponent,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  useNavigate,
  useRouterState,
} from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { type ComponentType, type ReactNode, useEffect } from "react";
import { Join } from "../features/auth/join";
import { Register } from "../features/auth/register";
import { useCore } from "../shared/core-store";
import { t } from "../shared/i18n";
import { isOpening, opening } from "../shared/opening";
import { Button } from "../ui/button";
import { Centered } from "../ui/centered";
import { Root } from "./root";

const MESSAGE_ID = /^\d+-\d+$/;

/** A screen behind the keys, which is not read before somebody opens them. */
function behindKeys<K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K): RouteComponent {
  const Screen: RouteComponent = lazyRouteComponent(load, name);
  const { preload: read } = Screen;
  // Whoever waits for this must not wait for a password.
  Screen.preload = async () => {
    const reading = opening.then(read);
    if (isOpening()) await reading;
  };
  return Screen;
}

const RoomRoute = behindKeys(() => import("./room"), "RoomRoute");

/** A screen that needs no keys, and what one comes to from there. */
const towardsRoom = (Screen: () => ReactNode): RouteComponent =>
  Object.assign(Screen, { preload: async () => void RoomRoute.preload?.()?.catch(() => undefined) });

const rootRoute = createRootRoute({ component: Root });

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/", component: towardsRoom(Home) });

const registerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/register",
  component: towardsRoom(RegisterRoute),
});

const joinRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/join",
  validateSearch: (search): { signin?: boolean } => (search["signin"] === true ? { signin: true } : {}),
  component: towardsRoom(JoinRoute),
});

const roomRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/rooms/$roomId",
  /** `m` names a message to go to. */
  validateSearch: ({ m }): { m?: string } => (typeof m === "string" && MESSAGE_ID.test(m) ? { m } : {}),
  component: RoomRoute,
});

const directRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/direct/$userId",
  component: behindKeys(() => import("./direct"), "DirectRoute"),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  component: behindKeys(() => import("./compare"), "CompareRoute"),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: behindKeys(() => import("./settings"), "SettingsRoute"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    registerRoute,
    joinRoute,
    roomRoute,
    directRoute,
    compareRoute,
    settingsRoute,
  ]),
  defaultNotFoundComponent: Home,
  defaultErrorComponent: Failed,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** Where there is space for both, the lobby stands beside the rooms. */
const WIDE = "(min-width: 768px)";

function Home() {
  const lobby = useCore((store) => (store.core?.auth.phase === "ready" ? store.core.auth.lobby : undefined));
  const navigate = useNavigate();
  useEffect(() => {
    if (lobby && matchMedia(WIDE).matches)
      void navigate({ to: "/rooms/$roomId", params: { roomId: lobby }, replace: true });
  }, [lobby, navigate]);
  return (
    <Centered>
      <MessagesSquare className="size-10 text-muted" aria-hidden="true" />
      <h1 className="text-lg font-semibold">{t("Choose a room")}</h1>
      <p className="max-w-sm text-muted">{t("Or press Ctrl+K and type where you want to go.")}</p>
    </Centered>
  );
}

/** What is left when a screen could not be drawn. */
function Failed({ error }: { error: unknown }) {
  return (
    <Centered>
      <h1 className="text-lg font-semibold">{t("This page could not be shown")}</h1>
      <p className="max-w-sm text-muted">
        {t("Your messages, drafts and whatever waits to be sent are safe. Loading the page again usually helps.")}
      </p>
      <Button variant="primary" onClick={() => location.reload()}>
        {t("Load again")}
      </Button>
      <code className="max-w-md text-xs break-words text-muted">{String(error)}</code>
    </Centered>
  );
}

function RegisterRoute() {
  const signedIn = useCore((store) => store.core?.auth.phase === "ready");
  return signedIn ? <Home /> : <Register />;
}

function JoinRoute() {
  const auth = useCore((store) => store.core?.auth);
  const fragment = useRouterState({ select: (state) => state.location.hash });
  const { signin = false } = joinRoute.useSearch();
  return auth ? <Join auth={auth} fragment={fragment} signIn={signin} /> : null;
}

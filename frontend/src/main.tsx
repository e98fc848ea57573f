import { CSPProvider } from "@base-ui/react/csp-provider";
import { DirectionProvider } from "@base-ui/react/direction-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/problems";
import { roomsQuery } from "./features/rooms/queries";
import { router } from "./routes/router";
import { startAutoLock } from "./shared/auto-lock";
import { startCore } from "./shared/core-store";
import { LANGUAGES } from "./shared/i18n";
import { startLanguage, useLanguage } from "./shared/language";
import { startNotices } from "./shared/notices";
import { isOpening } from "./shared/opening";
import { startPrefs } from "./shared/prefs";
import { wasIdleTooLong } from "./shared/touched";
import "./styles.css";

const RETRIES_MAX = 3;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The stream says when something changed; until then what was read stays true.
      staleTime: 60_000,
      retry: (failures, error) => failures < RETRIES_MAX && !(error instanceof ApiError && error.failure === "refused"),
    },
  },
});

startPrefs();
startLanguage();
// The rooms are what a room's screen waits for first; while the keys open, they can come.
if (isOpening()) void queries.prefetchQuery(roomsQuery);
void startCore(queries, () => !wasIdleTooLong());
startAutoLock();
startNotices({ queries, openRoom: (roomId) => void router.navigate({ to: "/rooms/$roomId", params: { roomId } }) });

/** Another language is drawn anew from the top: texts are read while drawing, not watched. */
function App() {
  const code = useLanguage((language) => language.code);
  if (!code) return null;
  return (
    <DirectionProvider key={code} direction={LANGUAGES[code].dir}>
      <RouterProvider router={router} />
    </DirectionProvider>
  );
}

const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "../api/problems";
import { alsoRead, t } from "../shared/i18n";
import { startLanguage, useLanguage } from "../shared/language";
import { startPrefs } from "../shared/prefs";
import { noteTouches } from "../shared/touched";
import "../styles.css";
import { Console } from "./console";
import { NO_KEYS } from "./keyring";
import "./print.css";

const RETRIES_MAX = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Each query of messages is a leaf of the log: nothing is asked again by itself.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < RETRIES_MAX && !(error instanceof ApiError && error.failure === "refused"),
    },
  },
});

startPrefs();
alsoRead(async (code) => (code === "de" ? (await import("../locales/console-de")).consoleDe : {}));
startLanguage();
// An officer at work here is not away from the client.
noteTouches();

/** In the language of the client in this browser; another one is drawn anew from the top. */
function App() {
  const code = useLanguage((language) => language.code);
  useEffect(() => {
    if (code) document.title = t("Sealcast compliance console");
  }, [code]);
  // They outlast that: a key whose worker nobody knows any more could not be dropped.
  const [keys, setKeys] = useState(NO_KEYS);
  return code ? <Console key={code} keys={keys} onKeys={setKeys} /> : null;
}

const root = document.querySelector("#root");
if (!root) throw new Error("console.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "../api/problems";
import { startPrefs } from "../shared/prefs";
import { noteTouches } from "../shared/touched";
import "../styles.css";
import { Console } from "./console";
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
// An officer at work here is not away from the client.
noteTouches();

const root = document.querySelector("#root");
if (!root) throw new Error("console.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Console />
    </QueryClientProvider>
  </StrictMode>,
);

import { useQuery } from "@tanstack/react-query";
import { officers } from "../api/officers";
import type { KnownCase } from "./words";

const REFRESH_MS = 15_000;

/** All cases, with whether anything may still be done in them. */
export function useCases() {
  // Another officer's consent comes without a word.
  const fresh = { staleTime: 0, refetchOnMount: "always", refetchInterval: REFRESH_MS } as const;
  return useQuery({ queryKey: ["cases"], queryFn: listCases, ...fresh });
}

async function listCases(): Promise<KnownCase[]> {
  const { items } = await officers.cases();
  return items.map((one) => ({ ...one, open: !one.closed_at && Date.parse(one.expires_at) > Date.now() }));
}

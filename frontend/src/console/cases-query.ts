import { useQuery } from "@tanstack/react-query";
import { officers } from "../api/officers";
import type { KnownCase } from "./words";

/** All cases, with whether anything may still be done in them. */
export function useCases() {
  return useQuery({ queryKey: ["cases"], staleTime: 0, queryFn: listCases });
}

async function listCases(): Promise<KnownCase[]> {
  const { items } = await officers.cases();
  return items.map((one) => ({ ...one, open: !one.closed_at && Date.parse(one.expires_at) > Date.now() }));
}

import { useRouterState } from "@tanstack/react-router";
import { Compare } from "../features/members/compare";
import { useCore } from "../shared/core-store";

/** Where a scanned code for comparing keys leads. */
export function CompareRoute() {
  const me = useCore((store) => (store.core?.auth.phase === "ready" ? store.core.auth.account.userId : undefined));
  const fragment = useRouterState({ select: (state) => state.location.hash });
  return me === undefined ? null : <Compare key={fragment} fragment={fragment} me={me} />;
}

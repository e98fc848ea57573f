import { core } from "../../shared/core-client";

export const recoveryQuery = { queryKey: ["recovery-health"], queryFn: () => core.recoveryHealth() };

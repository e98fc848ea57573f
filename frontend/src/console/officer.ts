import type { SessionView } from "../api/types";

/** Who is signed in here. */
export type Officer = Pick<SessionView, "user_id" | "username" | "fingerprint">;

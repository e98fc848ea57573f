import { lazy } from "react";

/** Somebody's profile, which is not read before somebody opens it. */
export const PersonDialog = lazy(async () => ({ default: (await import("./person-dialog")).PersonDialog }));

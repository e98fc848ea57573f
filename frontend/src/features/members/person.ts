import { late } from "../../ui/late";

/** Somebody's profile, which is not read before somebody opens it. */
export const PersonDialog = late(async () => (await import("./person-dialog")).PersonDialog);

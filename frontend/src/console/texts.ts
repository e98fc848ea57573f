import type { StoredMessage } from "../api/types";
import type { Disclosed } from "../core/disclosure";

/** A text that was read in this window, in which case. */
export interface ReadText {
  caseId: string | undefined;
  message: StoredMessage;
  disclosed: Disclosed;
}

/** By message id; gone with the window. */
export type ReadTexts = ReadonlyMap<string, ReadText>;

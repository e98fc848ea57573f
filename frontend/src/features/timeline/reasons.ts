import type { UnreadableReason } from "../../core/model";

/** What a message without text says instead: why, and what helps. */
export const REASONS: Record<UnreadableReason, { text: string; alarming: boolean }> = {
  no_key: { text: "Written with a room key that you do not hold, for instance before you joined.", alarming: false },
  waiting: { text: "Waiting for the sender’s certificate. This resolves by itself.", alarming: false },
  unsupported: { text: "Written by a newer version of Sealcast. Reload to update.", alarming: false },
  cannot_decrypt: { text: "Could not be decrypted: it is damaged or was changed.", alarming: true },
  not_in_profile: { text: "Refused: its encryption does not follow the agreed form.", alarming: true },
  wrong_recipients: {
    text: "Refused: it is encrypted to other keys than this room’s and compliance’s.",
    alarming: true,
  },
  signature_invalid: { text: "Refused: its signature is not the sender’s.", alarming: true },
  context_mismatch: {
    text: "Refused: it was written for another place or time than where it appears.",
    alarming: true,
  },
  sender_mismatch: { text: "Refused: signer and author are not the same person.", alarming: true },
  commitment_mismatch: { text: "Refused: it may read differently to different people.", alarming: true },
  sender_unknown: { text: "Refused: the server has no valid certificate for its sender.", alarming: true },
  sender_key_changed: {
    text: "Refused: the sender’s key is not the one this device has seen before. Ask them in person.",
    alarming: true,
  },
  malformed: { text: "Refused: it is not a message.", alarming: true },
};

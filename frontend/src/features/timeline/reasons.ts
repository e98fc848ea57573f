import type { UnreadableReason } from "../../core/model";
import { msg } from "../../shared/i18n";

interface Reason {
  text: string;
  /** What the reader can do, or that there is nothing to do. */
  helps: string;
  /** Whether somebody may have tampered. */
  alarming: boolean;
}

const REPORT = msg("Tell an administrator: it should not happen by accident.");

/** What a message without text says instead: why, and what helps. */
export const REASONS: Record<UnreadableReason, Reason> = {
  no_key: {
    text: msg("Written with a room key that you do not hold, for instance before you joined."),
    helps: msg("A member can share the older history with you under Members; it opens by itself then."),
    alarming: false,
  },
  waiting: {
    text: msg("Waiting for the sender’s certificate."),
    helps: msg("It opens by itself as soon as the server answers."),
    alarming: false,
  },
  unsupported: {
    text: msg("Written by a newer version of Sealcast."),
    helps: msg("Reload this page to update."),
    alarming: false,
  },
  cannot_decrypt: {
    text: msg("Could not be decrypted: it is damaged or was changed."),
    helps: msg("Ask the sender to send it again."),
    alarming: true,
  },
  not_in_profile: {
    text: msg("Refused: its encryption does not follow the agreed form."),
    helps: msg("The sender’s program may be broken; ask them to update it."),
    alarming: true,
  },
  wrong_recipients: {
    text: msg("Refused: it is encrypted to other keys than this room’s and compliance’s."),
    helps: REPORT,
    alarming: true,
  },
  signature_invalid: { text: msg("Refused: its signature is not the sender’s."), helps: REPORT, alarming: true },
  context_mismatch: {
    text: msg("Refused: it was written for another place or time than where it appears."),
    helps: REPORT,
    alarming: true,
  },
  sender_mismatch: { text: msg("Refused: signer and author are not the same person."), helps: REPORT, alarming: true },
  commitment_mismatch: {
    text: msg("Refused: it may read differently to different people."),
    helps: REPORT,
    alarming: true,
  },
  sender_unknown: {
    text: msg("Refused: the server has no valid certificate for its sender."),
    helps: msg("The account may have been closed; the audit log still holds the message."),
    alarming: true,
  },
  sender_key_changed: {
    text: msg("Refused: the sender’s key is not the one this device has seen before."),
    helps: msg("Ask them in person whether they have a new key before you trust it."),
    alarming: true,
  },
  malformed: { text: msg("Refused: it is not a message."), helps: REPORT, alarming: true },
};

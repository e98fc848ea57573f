import { create } from "zustand";
import type { TimelineItem } from "../core/model";

/** What the composer of a room is about, when it is more than a new message. */
export type Composing = { mode: "reply" | "edit"; item: TimelineItem };

export const useComposing = create<Record<string, Composing | undefined>>(() => ({}));

export function compose(roomId: string, about: Composing | undefined): void {
  useComposing.setState({ [roomId]: about });
}

/** Where a timeline shall go; `at` tells two jumps to the same place apart. */
interface Jump {
  key: string;
  at: number;
}

export const useJump = create<Record<string, Jump | undefined>>(() => ({}));

export function jumpTo(roomId: string, key: string): void {
  useJump.setState({ [roomId]: { key, at: Date.now() } });
}

/** A new visit of a room begins where it ends, not where the last one jumped to. */
export function forgetJump(roomId: string): void {
  useJump.setState({ [roomId]: undefined });
}

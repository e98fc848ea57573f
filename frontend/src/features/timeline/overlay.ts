import { create } from "zustand";
import type { FileInfo, TimelineItem } from "../../core/model";

/** What is shown over a timeline. A row leaves the document when it scrolls out: what was opened from it must not. */
export type Overlay =
  | { show: "proof" | "react"; item: TimelineItem }
  | { show: "picture"; messageKey: string; file: FileInfo };

export const useOverlay = create<{ over: Overlay | undefined }>(() => ({ over: undefined }));

export const showOver = (over: Overlay): void => useOverlay.setState({ over });

export const closeOver = (): void => useOverlay.setState({ over: undefined });

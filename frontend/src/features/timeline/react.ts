import type { TimelineItem } from "../../core/model";
import { core } from "../../shared/core-client";

export const QUICK_EMOJI = [
  { emoji: "👍", name: "Thumbs up" },
  { emoji: "❤️", name: "Heart" },
  { emoji: "😂", name: "Laughing" },
  { emoji: "🎉", name: "Celebration" },
  { emoji: "👀", name: "Looking" },
  { emoji: "✅", name: "Done" },
  { emoji: "🙏", name: "Thank you" },
];

/** Sets one's reaction, or takes it back when it is there already. */
export function react(roomId: string, item: TimelineItem, emoji: string): void {
  const off = item.reactions?.some((one) => one.emoji === emoji && one.mine) ?? false;
  void core.send(roomId, { kind: "react", target: item.key, emoji, off });
}

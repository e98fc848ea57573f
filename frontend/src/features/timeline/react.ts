import type { TimelineItem } from "../../core/model";
import { core } from "../../shared/core-client";
import { msg } from "../../shared/i18n";

export const QUICK_EMOJI = [
  { emoji: "👍", name: msg("Thumbs up") },
  { emoji: "❤️", name: msg("Heart") },
  { emoji: "😂", name: msg("Laughing") },
  { emoji: "🎉", name: msg("Celebration") },
  { emoji: "👀", name: msg("Looking") },
  { emoji: "✅", name: msg("Done") },
  { emoji: "🙏", name: msg("Thank you") },
];

/** Sets one's reaction, or takes it back when it is there already. */
export function react(roomId: string, item: TimelineItem, emoji: string): void {
  const off = item.reactions?.some((one) => one.emoji === emoji && one.mine) ?? false;
  void core.send(roomId, { kind: "react", target: item.key, emoji, off });
}

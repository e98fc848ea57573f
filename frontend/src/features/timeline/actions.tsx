import { CheckCheck, Copy, Ellipsis, Link2, Pencil, Plus, Reply, SmilePlus, Trash2 } from "lucide-react";
import type { TimelineItem } from "../../core/model";
import { compose } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { t } from "../../shared/i18n";
import { Menu } from "../../ui/menu";
import { showOver } from "./overlay";
import { QUICK_EMOJI, react } from "./react";

const BUTTON =
  "inline-flex size-8 pointer-coarse:size-11 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink";
const ICON = { className: "size-4", "aria-hidden": true } as const;

interface Props {
  roomId: string;
  item: TimelineItem;
  /** A menu opened or closed: it must outlive the pointer's leaving. */
  onMenu: (open: boolean) => void;
  onProof: () => void;
}

/** What one can do with a message; it appears with the pointer or the focus. */
export function Actions({ roomId, item, onMenu, onProof }: Props) {
  const text = item.body.kind === "text" ? item.body.text : "";
  const remove = () => void core.send(roomId, { kind: "delete", target: item.key });
  const link = `${location.origin}/rooms/${roomId}?m=${item.id}`;
  return (
    <div
      role="toolbar"
      aria-label={t("Message actions")}
      // Beside the column of ticks, which it would cover in a row of one line.
      className="absolute -top-4 end-12 flex rounded-xl border border-line bg-surface p-0.5 shadow-sm sm:end-14"
    >
      <Menu
        form="row"
        label={t("React")}
        button={<SmilePlus {...ICON} />}
        className={BUTTON}
        onOpen={onMenu}
        entries={[
          ...QUICK_EMOJI.map(({ emoji, name }) => ({
            name: t(name),
            sign: emoji,
            run: () => react(roomId, item, emoji),
          })),
          {
            name: t("Other emoji"),
            sign: <Plus className="size-5" aria-hidden="true" />,
            run: () => showOver({ show: "react", item }),
          },
        ]}
      />
      <button
        type="button"
        aria-label={t("Reply")}
        title={t("Reply (R)")}
        className={BUTTON}
        onClick={() => compose(roomId, { mode: "reply", item })}
      >
        <Reply className="size-4 rtl:-scale-x-100" aria-hidden="true" />
      </button>
      <Menu
        form="narrow"
        label={t("More")}
        button={<Ellipsis {...ICON} />}
        className={BUTTON}
        onOpen={onMenu}
        entries={[
          ...(item.mine
            ? [{ name: t("Edit"), icon: <Pencil {...ICON} />, run: () => compose(roomId, { mode: "edit", item }) }]
            : []),
          { name: t("Copy text"), icon: <Copy {...ICON} />, run: () => void navigator.clipboard.writeText(text) },
          { name: t("Copy link"), icon: <Link2 {...ICON} />, run: () => void navigator.clipboard.writeText(link) },
          { name: t("Proof"), icon: <CheckCheck {...ICON} />, run: onProof },
          ...(item.mine ? [{ name: t("Delete"), icon: <Trash2 {...ICON} />, danger: true, run: remove }] : []),
        ]}
      />
    </div>
  );
}

import { Menu } from "@base-ui/react/menu";
import { CheckCheck, Copy, Ellipsis, Link2, Pencil, Reply, SmilePlus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { TimelineItem } from "../../core/model";
import { compose } from "../../shared/composing";
import { core } from "../../shared/core-client";
import { t } from "../../shared/i18n";
import { QUICK_EMOJI, react } from "./react";

const ITEM = "flex items-center gap-2.5 rounded-lg px-3 py-1.5 text-sm -outline-offset-2 data-highlighted:bg-sunken";
const ICON = "inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink";

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
  const link = `${location.origin}/rooms/${roomId}?m=${item.id}`;
  return (
    <div
      role="toolbar"
      aria-label={t("Message actions")}
      // Beside the column of ticks, which it would cover in a row of one line.
      className="absolute -top-4 end-12 flex rounded-xl border border-line bg-surface p-0.5 shadow-sm sm:end-14"
    >
      <PopMenu label={t("React")} icon={<SmilePlus className="size-4" aria-hidden="true" />} row onMenu={onMenu}>
        {QUICK_EMOJI.map(({ emoji, name }) => (
          <Menu.Item
            key={emoji}
            aria-label={t(name)}
            className="rounded-lg p-1.5 text-xl leading-none -outline-offset-2 data-highlighted:bg-sunken"
            onClick={() => react(roomId, item, emoji)}
          >
            {emoji}
          </Menu.Item>
        ))}
      </PopMenu>
      <button
        type="button"
        aria-label={t("Reply")}
        title={t("Reply (R)")}
        className={ICON}
        onClick={() => compose(roomId, { mode: "reply", item })}
      >
        <Reply className="size-4 rtl:-scale-x-100" aria-hidden="true" />
      </button>
      <PopMenu label={t("More")} icon={<Ellipsis className="size-4" aria-hidden="true" />} onMenu={onMenu}>
        {item.mine && (
          <Menu.Item className={ITEM} onClick={() => compose(roomId, { mode: "edit", item })}>
            <Pencil className="size-4" aria-hidden="true" /> {t("Edit")}
          </Menu.Item>
        )}
        <Menu.Item className={ITEM} onClick={() => void navigator.clipboard.writeText(text)}>
          <Copy className="size-4" aria-hidden="true" /> {t("Copy text")}
        </Menu.Item>
        <Menu.Item className={ITEM} onClick={() => void navigator.clipboard.writeText(link)}>
          <Link2 className="size-4" aria-hidden="true" /> {t("Copy link")}
        </Menu.Item>
        <Menu.Item className={ITEM} onClick={onProof}>
          <CheckCheck className="size-4" aria-hidden="true" /> {t("Proof")}
        </Menu.Item>
        {item.mine && (
          <Menu.Item
            className={`${ITEM} text-danger`}
            onClick={() => void core.send(roomId, { kind: "delete", target: item.key })}
          >
            <Trash2 className="size-4" aria-hidden="true" /> {t("Delete")}
          </Menu.Item>
        )}
      </PopMenu>
    </div>
  );
}

interface PopMenuProps {
  label: string;
  icon: ReactNode;
  row?: boolean;
  onMenu: (open: boolean) => void;
  children: ReactNode;
}

function PopMenu({ label, icon, row = false, onMenu, children }: PopMenuProps) {
  return (
    <Menu.Root orientation={row ? "horizontal" : "vertical"} onOpenChange={onMenu}>
      <Menu.Trigger aria-label={label} title={label} className={ICON}>
        {icon}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="bottom" align="end" sideOffset={4}>
          <Menu.Popup
            className={`pop-in z-20 rounded-card border border-line bg-surface p-1.5 shadow-lg outline-none ${row ? "flex" : "w-44"}`}
          >
            {children}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { t } from "../shared/i18n";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  /** For what needs space, such as a picture. */
  wide?: boolean;
  /** Where the focus goes first, if not to the first that takes it. */
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** A modal dialog: focus goes in and comes back, Escape closes. */
export function Dialog({ open, onClose, title, description, wide, initialFocus, children }: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 bg-black/40 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          {...(initialFocus ? { initialFocus } : {})}
          className={`fixed top-1/2 left-1/2 max-h-[88dvh] ${wide ? "w-[min(64rem,calc(100vw-2rem))]" : "w-[min(30rem,calc(100vw-2rem))]"} -translate-x-1/2 -translate-y-1/2 thin-scroll overflow-y-auto rounded-card border border-line bg-surface p-5 shadow-xl transition-[opacity,scale] duration-150 ease-out data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0 sm:p-6`}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold break-words">{title}</Base.Title>
              {description && <Base.Description className="mt-1 text-sm text-muted">{description}</Base.Description>}
            </div>
            <Base.Close
              aria-label={t("Close")}
              className="-m-1 rounded-lg p-1.5 text-muted pointer-coarse:-m-2 pointer-coarse:p-3.5 hover:bg-sunken hover:text-ink"
            >
              <X className="size-4" aria-hidden="true" />
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

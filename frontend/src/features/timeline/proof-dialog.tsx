import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { Proven, TimelineItem } from "../../core/model";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { fullTimeOf, namesOf } from "../../shared/format";
import { plural, t } from "../../shared/i18n";
import { Spinner } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Notice } from "../../ui/notice";

interface Props {
  roomId: string;
  item: TimelineItem;
  onClose: () => void;
}

/** What stands behind the second tick; for others’ messages it is checked now. */
export function ProofDialog({ roomId, item, onClose }: Props) {
  const { data, error } = useQuery({
    queryKey: ["proof", item.key],
    queryFn: () => core.prove(roomId, item.key),
    retry: false,
  });
  return (
    <Dialog open onClose={onClose} title={t("The proof of this message")}>
      {error && <Notice tone="danger">{whyOf(error, t("The proof could not be checked."))}</Notice>}
      {!data && !error && (
        <p className="flex items-center gap-2 text-muted">
          <Spinner /> {t("Checking the proof")}
        </p>
      )}
      {data && <Facts proven={data} id={item.id ?? ""} />}
    </Dialog>
  );
}

function Facts({ proven, id }: { proven: Proven; id: string }) {
  const { leafIndex, size, root, steps, witnesses, at } = proven;
  return (
    <div className="grid gap-4">
      <p className="flex gap-3 text-sm">
        <ShieldCheck className="size-5 shrink-0 text-accent" aria-hidden="true" />
        {t(
          "This browser has checked that the audit log holds this message as it was sent. The server was not believed.",
        )}
      </p>
      <dl className="grid gap-3 text-sm">
        <Fact name={t("Place in the log")}>{t("Entry {index}, counted from 0.", { index: leafIndex })}</Fact>
        <Fact name={t("Checkpoint")}>
          {t(
            "It covers {size} entries, is signed by the log, and extends every one that this device has seen before.",
            {
              size,
            },
          )}
        </Fact>
        {witnesses && (
          <Fact name={t("Witnesses")}>{t("It is cosigned by {names}.", { names: namesOf(witnesses) })}</Fact>
        )}
        <Fact name={t("Its root")}>
          <span className="font-mono text-xs break-all">{root}</span>
        </Fact>
        <Fact name={t("The way there")}>
          {plural(
            steps,
            "One hash leads from the message to the root.",
            "{count} hashes lead from the message to the root.",
          )}
        </Fact>
        <Fact name={t("The message’s identity")}>
          <span className="font-mono text-xs">{id}</span>
        </Fact>
        <Fact name={t("Checked here")}>{fullTimeOf(at)}</Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}
